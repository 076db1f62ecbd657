package nodebot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/examples/uno/npm"
)

// patience bounds each wait for a program. It is long because the bot waits for its board.
const patience = 2 * time.Minute

// program is the bot and its clients.
var program = npm.Program{Source: os.DirFS(".")}

// line is what the bot prints: where it listens, a request that reached it, or what its simulated board was told.
type line struct {
	Listening string
	Request   string
	Offered   string // subprotocols
	Field     string // Authorization
	Pin       int
	Width     int // of a servo's pulses, in microseconds
	High      bool
}

// bot is bot.js, running, and what it has printed.
type bot struct {
	url     string
	command *exec.Cmd
	ended   chan struct{}

	mu      sync.Mutex
	printed []byte
}

// startBot starts bot.js in dir on a free port and on a board, which is simulated or host:port; it ends with the test.
func startBot(t *testing.T, dir, board string) *bot {
	t.Helper()
	return startProgram(t, dir, "bot.js", "BOT_BOARD="+board)
}

// startProgram starts a bot in dir on a free port.
func startProgram(t *testing.T, dir, script string, env ...string) *bot {
	t.Helper()
	b := &bot{command: exec.CommandContext(t.Context(), "node", script), ended: make(chan struct{})}
	b.command.Dir, b.command.Env = dir, append(env, "PATH="+os.Getenv("PATH"), "PORT=0")
	b.command.Stdout, b.command.Stderr = b, b
	if err := b.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { defer close(b.ended); _ = b.command.Wait() }() // killed by the end of the test's context
	t.Cleanup(func() { <-b.ended })
	lines := b.await(t, func(l line) bool { return l.Listening != "" })
	b.url = lines[len(lines)-1].Listening
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
	b.ask(t, http.MethodGet, mark)
	for _, l := range b.await(t, func(l line) bool { return l.Request == "GET "+mark })[before:] {
		switch {
		case l.Pin != 0:
			acts = append(acts, l)
		case l.Request != "GET "+mark:
			requests = append(requests, l.Request)
		}
	}
	return requests, acts
}

// ask sends a request to the bot itself, past the latch, and returns the status.
func (b *bot) ask(t *testing.T, method, path string) int {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), method, b.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}
