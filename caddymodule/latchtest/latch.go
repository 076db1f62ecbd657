package latchtest

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds each wait for the binary.
const patience = 30 * time.Second

// Latch is the real binary, running.
type Latch struct {
	// URL is http://127.0.0.1:port, the port that the Caddyfile names {$PORT}.
	URL string
	// TLSURL is https://localhost:port, the port that the Caddyfile names {$TLS_PORT}.
	TLSURL string
	// Admin is the path of the admin socket, which the Caddyfile names {$ADMIN}. A test whose Caddyfile names a TCP
	// address puts that here before Run.
	Admin string
	// Dir holds the Caddyfile, the home directory and the certificate of the process.
	Dir string
	// Program is what runs; the binary that Binary builds when it is empty. A test whose Caddyfile needs a further plugin
	// puts its own build here before Run.
	Program string

	t       testing.TB
	env     []string
	command *exec.Cmd
	exited  chan struct{}
	log     *syncBuffer
}

// Start builds the binary, starts it with a Caddyfile and waits until it is ready; it ends with the test. In the
// Caddyfile {$ADMIN} is the address of the admin socket, {$PORT} and {$TLS_PORT} are free ports, {$CERT} and {$KEY} a
// certificate for localhost; env (NAME=value) adds more. A run that logged a panic, a data race or a token fails the test.
func Start(t testing.TB, caddyfile string, env ...string) *Latch {
	t.Helper()
	l := Prepare(t, caddyfile, env...)
	l.Run()
	return l
}

// Prepare is Start without running the binary: for Command, and for processes that must not start.
func Prepare(t testing.TB, caddyfile string, env ...string) *Latch {
	t.Helper()
	dir, err := os.MkdirTemp("", "latch-") //nolint:usetesting // t.TempDir is too long for the path of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	port, tlsPort := FreePort(t), FreePort(t)
	l := &Latch{
		t: t, Dir: dir, Admin: filepath.Join(dir, "admin.sock"), log: new(syncBuffer),
		URL: "http://127.0.0.1:" + port, TLSURL: "https://localhost:" + tlsPort,
	}
	cert, key := certificate(t, dir)
	l.env = append([]string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "ADMIN=unix/" + l.Admin + "|0600",
		"PORT=" + port, "TLS_PORT=" + tlsPort, "CERT=" + cert, "KEY=" + key,
	}, env...)
	l.Rewrite(caddyfile)
	return l
}

// Rewrite replaces the Caddyfile; Command(ctx, "reload", …) or Run makes it count.
func (l *Latch) Rewrite(caddyfile string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.Dir, "Caddyfile"), []byte(caddyfile), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func (l *Latch) program() string {
	if l.Program != "" {
		return l.Program
	}
	return Binary(l.t)
}

// Setenv adds to the environment of the process; Run makes it count.
func (l *Latch) Setenv(name, value string) { l.env = append(l.env, name+"="+value) }

// Run starts the binary, again after Kill or Stop, and waits until it is ready.
func (l *Latch) Run() {
	l.t.Helper()
	l.launch()
	l.wait(http.StatusOK)
}

// RunUnready is Run for a latch that cannot be ready yet: it waits until the admin API answers so.
func (l *Latch) RunUnready() {
	l.t.Helper()
	l.launch()
	l.wait(http.StatusServiceUnavailable)
}

// launch starts the binary, and waits for nothing.
func (l *Latch) launch() {
	l.t.Helper()
	l.command = exec.Command(l.program(), "run", "--config", filepath.Join(l.Dir, "Caddyfile"))
	l.command.Env, l.command.Dir = l.env, l.Dir
	l.command.Stdout, l.command.Stderr = l.log, l.log
	if err := l.command.Start(); err != nil {
		l.t.Fatal(err)
	}
	exited, command := make(chan struct{}), l.command
	l.exited = exited
	go func() { _ = command.Wait(); close(exited) }()
	l.t.Cleanup(func() {
		l.end(command, exited, syscall.SIGTERM)
		for _, bad := range []string{"DATA RACE", "panic"} {
			if strings.Contains(l.Log(), bad) {
				l.t.Errorf("the process logged %q:\n%s", bad, l.Log())
			}
		}
		if at := tokenLike.FindStringIndex(l.Log()); at != nil {
			line := l.Log()[strings.LastIndex(l.Log()[:at[0]], "\n")+1 : at[0]] // without the token
			l.t.Errorf("the process logged a token behind %q", line)
		}
	})
}

// wait returns when the admin API answers the question whether it is ready with a status.
func (l *Latch) wait(status int) {
	l.t.Helper()
	client := l.AdminClient()
	defer client.CloseIdleConnections()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		select {
		case <-l.exited:
			l.t.Fatalf("the process ended:\n%s", l.Log())
		default:
		}
		if res, err := client.Get(l.adminURL() + "/botlatch/ready"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == status {
				return
			}
		}
	}
	l.t.Fatalf("/botlatch/ready is not answered %d in %s:\n%s", status, patience, l.said())
}

// Kill ends the process at once, as a power cut would, and waits until it is gone.
func (l *Latch) Kill() { l.end(l.command, l.exited, syscall.SIGKILL) }

// Stop asks the process to end and waits until it has.
func (l *Latch) Stop() { l.end(l.command, l.exited, syscall.SIGTERM) }

func (l *Latch) end(command *exec.Cmd, exited <-chan struct{}, signal syscall.Signal) {
	_ = command.Process.Signal(signal)
	select {
	case <-exited:
	case <-time.After(patience):
		_ = command.Process.Kill()
		<-exited
		l.t.Errorf("the process did not end in %s:\n%s", patience, l.said())
	}
}

// Log is what the process wrote so far.
func (l *Latch) Log() string { return l.log.String() }

// said is the end of the log, where the reason stands.
func (l *Latch) said() string {
	lines := strings.SplitAfter(l.Log(), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "")
}

// AdminClient speaks to the admin socket, whatever the host of the URL.
func (l *Latch) AdminClient() *http.Client {
	return &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			if !strings.HasPrefix(l.Admin, "/") {
				return new(net.Dialer).DialContext(ctx, "tcp", l.Admin)
			}
			return new(net.Dialer).DialContext(ctx, "unix", l.Admin)
		},
	}}
}

// adminURL is the URL of the admin API; Caddy looks at its host, over TCP.
func (l *Latch) adminURL() string {
	if !strings.HasPrefix(l.Admin, "/") {
		return "http://" + l.Admin
	}
	return "http://127.0.0.1"
}

// Command runs the binary with arguments, in the environment of the latch, and returns what it wrote. Its standard input
// is stdin.
func (l *Latch) Command(ctx context.Context, stdin string, args ...string) (stdout, stderr string, exitCode int) {
	l.t.Helper()
	command := exec.CommandContext(ctx, l.program(), args...)
	command.Env, command.Dir, command.Stdin = l.env, l.Dir, strings.NewReader(stdin)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil && command.ProcessState == nil {
		l.t.Fatal(err)
	}
	return out.String(), errs.String(), command.ProcessState.ExitCode()
}

// syncBuffer is a buffer that a process writes while a test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String returns what was written so far.
func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
