package login_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/examples/uno/npm"
)

// TestOneCommandStartsAllThree, and ends all three.
func TestOneCommandStartsAllThree(t *testing.T) {
	t.Parallel()
	latchtest.Need(t, "node", "npm")
	l := latchtest.Prepare(t, caddyfile(t))
	dir := program.Install(t)
	if err := os.WriteFile(filepath.Join(dir, "Caddyfile"), []byte(caddyfile(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.Background(), "node", "start.js")
	command.Dir, command.WaitDelay = dir, time.Second
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + l.Dir, "CADDY=" + latchtest.Binary(t), "PROVIDER_PORT=0", "BOT_PORT=0", "LOCK_SITE=" + l.TLSURL,
		"LOCK_TLS=" + filepath.Join(l.Dir, "cert.pem") + " " + filepath.Join(l.Dir, "key.pem"), "LOCK_ADMIN=unix/" + l.Admin + "|0600",
	}
	out := npm.NewOutput()
	command.Stdout, command.Stderr = out, out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = command.Wait() }()
	t.Cleanup(func() { _ = command.Process.Kill(); <-ended })
	client := l.TLSClient(true)
	status := func() int {
		res, err := client.Get(l.TLSURL + "/")
		if err != nil {
			return 0
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	for deadline := time.Now().Add(patience); status() != http.StatusUnauthorized; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the lock does not answer:\n%s", out)
		}
	}
	_, line, _ := strings.Cut(out.String(), "The lock is at ")
	_, provider, _ := strings.Cut(strings.TrimSuffix(strings.Split(line, "\n")[0], "."), "its provider at ")
	res, err := http.Get(provider + "/.well-known/openid-configuration")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("the provider: %v\n%s", err, out)
	}
	_ = res.Body.Close()

	_ = command.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
	if code := command.ProcessState.ExitCode(); code != 0 || status() != 0 {
		t.Errorf("exit code %d, and the lock answers %d", code, status())
	}
	if res, err := http.Get(provider); err == nil {
		_ = res.Body.Close()
		t.Error("the provider still runs")
	}
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
