// Package npm installs what a Node program needs, for tests that run it.
package npm

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// patience bounds one installation.
const patience = 5 * time.Minute

// Program is a Node program. Tests that use it at the same time share one installation; the last of them removes it.
type Program struct {
	// Source is the folder of the program: its *.js files, package.json, package-lock.json and .npmrc.
	Source fs.FS

	mu    sync.Mutex
	users int
	dir   string
}

// Install copies the program into a folder of its own, runs npm ci there and returns the folder, which goes with the test.
// It skips the test on a machine without Node or npm; see latchtest.Need.
func (p *Program) Install(t testing.TB) string {
	t.Helper()
	latchtest.Need(t, "node", "npm")
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users == 0 {
		dir, err := install(p.Source)
		if err != nil {
			t.Fatal(err)
		}
		p.dir = dir
	}
	p.users++
	t.Cleanup(p.release)
	return p.dir
}

func (p *Program) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users--; p.users == 0 {
		_ = os.RemoveAll(p.dir)
	}
}

func install(source fs.FS) (dir string, err error) {
	dir, err = os.MkdirTemp("", "npm-")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	names, err := fs.Glob(source, "*.js")
	if err != nil {
		return "", err
	}
	for _, name := range append(names, "package.json", "package-lock.json", ".npmrc") {
		text, err := fs.ReadFile(source, name)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return "", err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, "npm", "ci")
	command.Dir, command.WaitDelay = dir, time.Second
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return dir, nil
}
