package nodebot_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds each wait for a program, and install that for the packages of the bot.
const (
	patience = 30 * time.Second
	install  = 5 * time.Minute
)

// needs skips the test on a machine without a program; in CI, where every test must run, that is a failure.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not on the PATH", program)
		}
		t.Skipf("skipped: %s is not on the PATH", program)
	}
}

// installBot copies what belongs to the bot and installs its packages beside it, so that this folder stays as it is.
func installBot(t *testing.T) string {
	t.Helper()
	needs(t, "node", "npm")
	dir := t.TempDir()
	sources, err := filepath.Glob("*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(sources, "package.json", "package-lock.json", ".npmrc") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), install)
	defer cancel()
	command := exec.CommandContext(ctx, "npm", "ci")
	command.Dir, command.WaitDelay = dir, time.Second
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return dir
}

// line is what the bot prints: where it listens, a request that reached it, or an act of a servo.
type line struct {
	Listening string
	Request   string
	Servo     string
	Degrees   float64
	Acts      int
}

// bot is bot.js, running, and what it has printed.
type bot struct {
	url string

	mu      sync.Mutex
	printed []byte
}

// startBot starts bot.js in dir on a free port; it ends with the test.
func startBot(t *testing.T, dir string) *bot {
	t.Helper()
	b := new(bot)
	command := exec.CommandContext(t.Context(), "node", "bot.js")
	command.Dir, command.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "PORT=0"}
	command.Stdout, command.Stderr = b, b
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Wait() }) // killed by the end of the test's context
	b.url = b.await(t, func(l line) bool { return l.Listening != "" })[0].Listening
	return b
}

// Write implements io.Writer for what the bot prints.
func (b *bot) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.printed = append(b.printed, p...)
	return len(p), nil
}

// lines are the whole lines printed so far.
func (b *bot) lines(t *testing.T) []line {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []line
	for text := range strings.Lines(string(b.printed)) {
		if !strings.HasSuffix(text, "\n") {
			break
		}
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("the bot printed %q", b.printed)
		}
		lines = append(lines, l)
	}
	return lines
}

// await waits for a line and returns all that were printed by then.
func (b *bot) await(t *testing.T, is func(line) bool) []line {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		lines := b.lines(t)
		for _, l := range lines {
			if is(l) {
				return lines
			}
		}
	}
	t.Fatalf("the bot printed %+v", b.lines(t))
	return nil
}

// during does something and returns what reached the bot meanwhile: requests and acts. A request of its own, past the
// latch, marks the end: the bot prints in the order in which requests arrive.
func (b *bot) during(t *testing.T, do func()) (requests []string, acts []line) {
	t.Helper()
	before := len(b.lines(t))
	do()
	mark := "/mark/" + time.Now().Format("150405.000000000")
	b.ask(t, mark)
	for _, l := range b.await(t, func(l line) bool { return l.Request == "GET "+mark })[before:] {
		switch {
		case l.Servo != "":
			acts = append(acts, l)
		case l.Request != "GET "+mark:
			requests = append(requests, l.Request)
		}
	}
	return requests, acts
}

// ask sends a GET to the bot itself, past the latch, and returns the status.
func (b *bot) ask(t *testing.T, path string) int {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(b.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}
