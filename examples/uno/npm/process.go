package npm

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// startPatience bounds the wait for a script to listen.
const startPatience = time.Minute

// Process is a script of a program that runs.
type Process struct {
	// URL is where it listens, by its own word.
	URL string
	// Output is what it prints.
	Output *Output

	command *exec.Cmd
	ended   chan struct{}
}

// Start starts a script and waits until it prints a line of JSON that says where it listens: {"listening": …}. It ends with the
// test. It has nothing of the environment but PATH and env.
func (p *Program) Start(t testing.TB, script string, env ...string) *Process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &Process{Output: NewOutput(), ended: make(chan struct{})}
	r.command = exec.CommandContext(ctx, "node", script) //nolint:gosec // a script of this repository
	r.command.Dir = p.Install(t)
	r.command.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	r.command.Stdout, r.command.Stderr, r.command.WaitDelay = r.Output, r.Output, time.Second
	if err := r.command.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	go func() { defer close(r.ended); _ = r.command.Wait() }()
	t.Cleanup(func() { cancel(); <-r.ended })
	select {
	case r.URL = <-r.Output.listening:
	case <-r.ended:
		t.Fatalf("%s ended:\n%s", script, r.Output)
	case <-time.After(startPatience):
		t.Fatalf("%s does not say where it listens:\n%s", script, r.Output)
	}
	return r
}

// Kill ends it at once, as a power cut would.
func (r *Process) Kill() {
	_ = r.command.Process.Kill()
	<-r.ended
}

// Output is what a script prints. Safe for concurrent use.
type Output struct {
	listening chan string

	mu      sync.Mutex
	printed strings.Builder
	told    bool
}

// NewOutput is one that is empty.
func NewOutput() *Output { return &Output{listening: make(chan string, 1)} }

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
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
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.printed.String()
}
