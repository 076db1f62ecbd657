package login_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/examples/uno/npm"
)

// patience bounds each wait.
const patience = 30 * time.Second

// secret is that of the client "lock".
const secret = "test-only-client-secret"

// program is the provider and the bot.
var program = npm.Program{Source: os.DirFS(".")}

// process is a script of this folder that runs.
type process struct {
	url string // where it listens

	command *exec.Cmd
	ended   chan struct{}
	output  *output
}

// start starts a script and waits until it listens; it ends with the test.
func start(t *testing.T, script string, env ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{ended: make(chan struct{}), output: &output{listening: make(chan string, 1)}}
	p.command = exec.CommandContext(ctx, "node", script)
	p.command.Dir = program.Install(t)
	p.command.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	p.command.Stdout, p.command.Stderr, p.command.WaitDelay = p.output, p.output, time.Second
	if err := p.command.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	go func() { defer close(p.ended); _ = p.command.Wait() }()
	t.Cleanup(func() { cancel(); <-p.ended })
	select {
	case p.url = <-p.output.listening:
	case <-p.ended:
		t.Fatalf("%s ended:\n%s", script, p.output)
	case <-time.After(patience):
		t.Fatalf("%s does not say where it listens:\n%s", script, p.output)
	}
	return p
}

// kill ends it at once, as a power cut would.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// output is what a script prints; a line of JSON tells where it listens.
type output struct {
	listening chan string

	mu      sync.Mutex
	printed strings.Builder
	told    bool
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.printed.Write(p)
	for text := range strings.Lines(o.printed.String()) {
		var line struct{ Listening string }
		if !o.told && json.Unmarshal([]byte(text), &line) == nil && line.Listening != "" {
			o.told = true
			o.listening <- line.Listening
		}
	}
	return len(p), nil
}

// String is all of it.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.printed.String()
}
