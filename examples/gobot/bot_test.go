package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/botlatch/botlatch/examples/uno"
)

// binary is this program, built once.
var binary = sync.OnceValues(func() (string, error) {
	out, err := os.MkdirTemp("", "gobot-")
	if err != nil {
		return "", err
	}
	out = filepath.Join(out, "gobot")
	text, err := exec.Command("go", "build", "-o", out, ".").CombinedOutput()
	if err != nil {
		_, _ = os.Stderr.Write(text)
	}
	return out, err
})

// bot is this program as a process, and what it has printed.
type bot struct {
	url   string
	board *uno.Uno // nil: a simulated one

	mu      sync.Mutex
	printed bytes.Buffer
	log     bytes.Buffer  // may be read when the process has ended
	ended   chan struct{} // closed then
}

// startBot starts the program on an emulated Uno, and on a simulated board where there is no Node. It ends with the test.
func startBot(t *testing.T) *bot {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil && os.Getenv("CI") != "true" {
		t.Log("npm is not on the PATH: the board is a simulated one")
		return startBotOn(t, nil)
	}
	return startBotOn(t, uno.Start(t))
}

// startBotOn starts the program on a board; nil is a simulated one.
func startBotOn(t *testing.T, board *uno.Uno) *bot {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	b, name := &bot{board: board, ended: make(chan struct{})}, "sim"
	if board != nil {
		name = board.Address()
	}
	command := exec.CommandContext(context.Background(), path, "-listen", "127.0.0.1:0", "-board", name)
	command.Stdout, command.Stderr = b, &b.log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var failed error
	go func() { failed = command.Wait(); close(b.ended) }()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(patience, func() { _ = command.Process.Kill() })
		defer kill.Stop()
		if <-b.ended; failed != nil {
			t.Errorf("the bot ended: %v", failed)
		}
	})
	b.url = b.await(t, func(l line) bool { return l.Listening != "" })[0].Listening
	return b
}

// Write implements io.Writer for what the bot prints.
func (b *bot) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.printed.Write(p)
}

// lines are the whole lines printed so far.
func (b *bot) lines(t *testing.T) []line {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []line
	for text := range strings.Lines(b.printed.String()) {
		if !strings.HasSuffix(text, "\n") {
			break
		}
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("the bot printed %q", text)
		}
		lines = append(lines, l)
	}
	return lines
}

// await waits for a line and returns all that were printed by then.
func (b *bot) await(t *testing.T, is func(line) bool) []line {
	t.Helper()
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		select {
		case <-b.ended:
			t.Fatalf("the bot ended:\n%s", b.log.String())
		default:
		}
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

// during does something and returns what the bot heard and began meanwhile.
func (b *bot) during(t *testing.T, do func()) (requests, acts []string) {
	t.Helper()
	before := len(b.mark(t))
	do()
	after := b.mark(t)
	for _, l := range after[before : len(after)-1] {
		if l.Act != "" {
			acts = append(acts, l.Act)
		} else {
			requests = append(requests, l.Request)
		}
	}
	return requests, acts
}

// mark sends a request past the latch and returns what was printed until it reached the bot, its own line with it.
func (b *bot) mark(t *testing.T) []line {
	t.Helper()
	path := "/mark/" + time.Now().Format("150405.000000000")
	ask(t, request{method: http.MethodGet, url: b.url + path})
	is := func(l line) bool { return l.Request == "GET "+path }
	lines := b.await(t, is)
	return lines[:slices.IndexFunc(lines, is)+1]
}

// moves counts what the servo did, or on a simulated board the commands that began.
func (b *bot) moves(t *testing.T) int {
	t.Helper()
	if b.board != nil {
		b.board.Rest(9)
		return b.board.Moves(9)
	}
	n := 0
	for _, l := range b.lines(t) {
		n = max(n, l.Acts)
	}
	return n
}

// request is what a client asks.
type request struct{ method, url, token, body string }

// answer is what it gets.
type answer struct {
	status    int
	kind      string // Content-Type
	challenge string
	body      string
}

// ask sends a request, on a connection of its own and whatever the method with its body.
func ask(t *testing.T, r request) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	res, err := send(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Content-Type"), res.Header.Get("WWW-Authenticate"), string(body)}
}

// send is ask that leaves the body to its caller, who closes it. Redirects are not followed.
func send(ctx context.Context, r request) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, strings.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client.Do(req)
}
