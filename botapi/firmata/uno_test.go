package firmata

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"
)

// uno is an emulated Arduino Uno that runs StandardFirmata, and what is on its pins.
type uno struct {
	address string
	kill    func()

	mu     sync.Mutex
	widths map[string]int // of a servo's pulses, in microseconds
	duties map[string]int // 0 to 255
	seen   map[string][]int
}

// line is what the emulator prints.
type line struct {
	Listening        string
	Pin, Width, Duty *int
}

// startUno installs the emulator and runs it until ctx ends.
func startUno(ctx context.Context, t *testing.T) *uno {
	t.Helper()
	needs(t, "node", "npm")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/uno")); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(ctx, "npm", "ci")
	install.Dir, install.WaitDelay = dir, time.Second
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	c := exec.CommandContext(ctx, "node", "uno.js")
	c.Dir, c.Stderr, c.WaitDelay = dir, os.Stderr, time.Second
	if _, err := c.StdinPipe(); err != nil { // it ends when this process does
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	u := &uno{widths: make(map[string]int), duties: make(map[string]int), seen: make(map[string][]int)}
	listening, ended := make(chan string, 1), make(chan struct{})
	go func() { defer close(ended); u.follow(bufio.NewScanner(out), listening) }()
	u.kill = sync.OnceFunc(func() { _ = c.Process.Kill(); <-ended; _ = c.Wait() })
	t.Cleanup(u.kill)
	select {
	case u.address = <-listening:
	case <-ended:
		t.Fatal("the emulator ended")
	}
	return u
}

func (u *uno) follow(lines *bufio.Scanner, listening chan<- string) {
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			continue
		}
		if l.Pin == nil {
			listening <- l.Listening
			continue
		}
		pin := strconv.Itoa(*l.Pin)
		u.mu.Lock()
		if l.Width != nil {
			u.widths[pin] = *l.Width
			u.seen[pin] = append(u.seen[pin], *l.Width)
		} else {
			u.duties[pin] = *l.Duty
		}
		u.mu.Unlock()
	}
}

// wantAngle waits until the pulses on pin are those of a servo at angle.
func (u *uno) wantAngle(t *testing.T, pin string, angle int) {
	t.Helper()
	u.want(t, u.widths, pin, 544+angle*(2400-544)/180, 16)
}

// wantDuty waits until pin has a duty.
func (u *uno) wantDuty(t *testing.T, pin string, duty int) {
	t.Helper()
	u.want(t, u.duties, pin, duty, 10)
}

func (u *uno) want(t *testing.T, values map[string]int, pin string, want, tolerance int) {
	t.Helper()
	var got int
	for range 500 {
		u.mu.Lock()
		value, ok := values[pin]
		u.mu.Unlock()
		if got = value; ok && max(value-want, want-value) <= tolerance {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("pin %s is at %d, want %d", pin, got, want)
}

// widthsOf are all pulse widths that pin had.
func (u *uno) widthsOf(pin string) []int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]int(nil), u.seen[pin]...)
}

// needs skips the test without these programs, but not in CI.
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
