package latchtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// binaryDir holds the binary of this test process; Main removes it.
var binaryDir string

// Main is TestMain for packages that start the binary: it runs the tests and leaves nothing behind.
//
//	func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }
func Main(m *testing.M) int {
	defer func() {
		if binaryDir != "" {
			_ = os.RemoveAll(binaryDir)
		}
	}()
	return m.Run()
}

// Binary builds Caddy with the latch once for this test process, with the race detector when the test has it, and
// returns its path.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "latchtest-")
	if err != nil {
		return "", err
	}
	binaryDir = dir
	path := filepath.Join(dir, "caddy")
	args := []string{"build", "-o", path}
	if raceDetector {
		args = append(args, "-race")
	}
	args = append(args, "github.com/botlatch/botlatch/caddymodule/cmd/caddy")
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the binary: %w\n%s", err, out)
	}
	return path, nil
})
