package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// startPatience bounds the start of a system.
const startPatience = 30 * time.Second

// process is a system that runs.
type process struct {
	address string
	command *exec.Cmd
	log     string // path of what it printed
	exited  chan struct{}
}

// start starts s in front of the bot, in a folder of its own below dir, on a free port of loopback.
func (s system) start(ctx context.Context, dir string, p *programs, k *key, upstream string) (*process, error) {
	dir, err := os.MkdirTemp(dir, s.name+"-")
	if err != nil {
		return nil, err
	}
	var config string
	if s.config != "" {
		text, err := configurations.ReadFile("systems/" + s.config)
		if err != nil {
			return nil, err
		}
		config = filepath.Join(dir, s.config)
		if err := os.WriteFile(config, text, 0o600); err != nil {
			return nil, err
		}
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	r := &process{address: address, log: filepath.Join(dir, "log"), exited: make(chan struct{})}
	log, err := os.Create(r.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has it
	_, port, _ := net.SplitHostPort(address)
	argv := s.argv(p, config)
	r.command = exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // command lines of our own
	r.command.Dir, r.command.Stdout, r.command.Stderr = dir, log, log
	r.command.Env = append(k.environment(), "PATH="+os.Getenv("PATH"), "HOME="+dir, "NODE_ENV=production",
		"PORT="+port, "UPSTREAM="+upstream)
	if err := r.command.Start(); err != nil {
		return nil, err
	}
	go func() { defer close(r.exited); _ = r.command.Wait() }()
	if err := r.ready(ctx); err != nil {
		r.stop()
		return nil, fmt.Errorf("%w; it said:\n%s", err, r.said())
	}
	return r, nil
}

// freeAddress is a port of loopback that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// ready waits until the process takes connections.
func (r *process) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		if conn, err := new(net.Dialer).DialContext(ctx, "tcp", r.address); err == nil {
			return conn.Close()
		}
		select {
		case <-r.exited:
			return errors.New("it ended at its start")
		case <-ctx.Done():
			return fmt.Errorf("it does not listen: %w", ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// stop ends the process and waits until it is gone.
func (r *process) stop() {
	_ = r.command.Process.Kill()
	<-r.exited
}

// said is the end of what the process printed, without tokens.
func (r *process) said() string {
	text, err := os.ReadFile(r.log)
	if err != nil {
		return err.Error()
	}
	tail := string(text[max(0, len(text)-2000):])
	if _, rest, cut := strings.Cut(tail, "\n"); cut && len(text) > len(tail) {
		tail = rest // the line before may be the end of a token
	}
	return regexp.MustCompile(`[\w-]{16,}\.[\w.-]+`).ReplaceAllString(tail, "…")
}
