package attacks_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// A program is a bot of examples/, running: it prints a line of JSON for each thing that happens.
type program struct {
	address string

	mu      sync.Mutex
	rest    []byte // of a line that is not whole yet
	lines   []told
	garbage []string
}

// told is what bots print: where they listen, a request that reached them, or an act.
type told struct{ Listening, Request, Act string }

// startProgram runs command until the test ends, and waits until the bot listens.
func startProgram(t *testing.T, command *exec.Cmd) *program {
	t.Helper()
	p := new(program)
	command.Stdout = p
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = command.Wait() }()
	t.Cleanup(func() { _ = command.Process.Kill(); <-ended })
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		for _, l := range p.take(t) {
			if address, ok := strings.CutPrefix(l.Listening, "http://"); ok {
				p.address = address
				return p
			}
		}
		select {
		case <-ended:
			t.Fatalf("%s ended", command.Path)
		default:
		}
	}
	t.Fatalf("%s does not listen", command.Path)
	return nil
}

// Write implements io.Writer for what the program prints.
func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, b...)
	for {
		text, rest, whole := bytes.Cut(p.rest, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		var l told
		if err := json.Unmarshal(text, &l); err != nil {
			p.garbage = append(p.garbage, string(text))
		}
		p.lines, p.rest = append(p.lines, l), rest
	}
}

// take is what was printed since it was taken last.
func (p *program) take(t *testing.T) []told {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := p.lines
	p.lines = nil
	for _, text := range p.garbage {
		t.Errorf("the bot printed %q", text)
	}
	p.garbage = nil
	return lines
}

// heard is what was printed for everything that was answered by now. A request past the latch marks the end, because a
// line may be behind its answer.
func (p *program) heard(t *testing.T) (lines []told) {
	t.Helper()
	mark := "/api/mark/" + time.Now().Format("150405.000000000") // which no bot takes for an act
	send(t, p.address, "GET "+mark+" HTTP/1.1\nHost: bot\nConnection: close\n\n")
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, l := range p.take(t) {
			if l.Request == "GET "+mark {
				return lines
			}
			lines = append(lines, l)
		}
	}
	t.Fatalf("the bot did not tell of %s", mark)
	return nil
}

// ask sends a GET to the bot itself, past the latch.
func (p *program) ask(t *testing.T, path string) {
	t.Helper()
	if got := send(t, p.address, "GET "+path+" HTTP/1.1\nHost: bot\nConnection: close\n\n"); got.status != 200 {
		t.Fatalf("past the latch, %s: status %d", path, got.status)
	}
}
