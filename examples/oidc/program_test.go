package oidc_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/examples/uno/npm"
)

// program is the provider and its client.
var program = npm.Program{Source: os.DirFS(".")}

// node runs a script, and returns what it printed, line by line. It must not print a token.
func (s *stage) node(t *testing.T, args ...string) []line {
	t.Helper()
	out, err := s.run(t, s.issuer, args...)
	if err != nil {
		t.Fatalf("node %q: %v\n%s", args, err, out)
	}
	var lines []line
	for text := range strings.Lines(out) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("node %q: %v\n%s", args, err, out)
		}
		lines = append(lines, l)
	}
	return lines
}

// run runs a script whose account is at a provider.
func (s *stage) run(t *testing.T, issuer string, args ...string) (out string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, "node", args...)
	command.Dir, command.WaitDelay = program.Install(t), time.Second
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "ISSUER=" + issuer, "SECRET=" + s.secret, "KEYS=" + s.keys}
	b, err := command.CombinedOutput()
	if out = string(b); latchtest.ShowsToken(out) || strings.Contains(out, s.secret) {
		t.Fatalf("node %q prints a token or its secret", args)
	}
	return out, err
}

// line is what client.js and challenges.js print.
type line struct {
	Name       string
	Status     int
	Challenge  map[string]string
	Challenges int
	Body       string
}

// TestLockHasNoAddresses keeps the lock file free of download addresses, so that any registry will do.
func TestLockHasNoAddresses(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) || !strings.Contains(string(lock), `"integrity"`) {
		t.Error("package-lock.json: resolved addresses, or no integrity; npm must read the .npmrc of this folder")
	}
}
