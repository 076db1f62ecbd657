package attacks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// withoutProvenance is a latch that does not ask where a request began. There is no such switch in the product: it is
// another binary, which shows that the attacks of these tests would work.
func withoutProvenance(t *testing.T) browserOption {
	t.Helper()
	program, err := buildBare()
	if err != nil {
		t.Fatal(err)
	}
	return func(s *browserStage) { s.latch.Program = program }
}

var bareDir string // TestMain removes it

var buildBare = sync.OnceValues(func() (program string, err error) {
	if bareDir, err = os.MkdirTemp("", "bare-"); err != nil {
		return "", err
	}
	source, err := filepath.Abs("../session/provenance.go")
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	const check = "func (p *Provenance) Check(r *http.Request, websocket bool) error {\n"
	if strings.Count(string(text), check) != 1 {
		return "", errors.New("session/provenance.go has no Check as this test knows it")
	}
	changed, program := filepath.Join(bareDir, "provenance.go"), filepath.Join(bareDir, "caddy")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), check, check+"\treturn nil\n", 1)), 0o600); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{source: changed}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(bareDir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-overlay", list, "-o", program, "github.com/botlatch/botlatch/caddymodule/cmd/caddy").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the binary without provenance: %w\n%s", err, out)
	}
	return program, nil
})
