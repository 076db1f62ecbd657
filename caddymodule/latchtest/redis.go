package latchtest

import (
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Redis is a real Redis server. It keeps every write before it answers, in a directory that goes with the test.
type Redis struct {
	// Address is where it listens, host:port.
	Address string
	// CA is the file of the certificate that it shows, if it speaks TLS.
	CA string

	t        testing.TB
	settings []string
	command  *exec.Cmd
	exited   chan struct{}
	out      *syncBuffer
}

// StartRedis starts redis-server on loopback, with more settings such as "--maxmemory", "10mb". It ends with the test.
func StartRedis(t testing.TB, settings ...string) *Redis {
	t.Helper()
	r := newRedis(t, settings)
	r.start("127.0.0.1", "--port")
	return r
}

// StartTLSRedis is StartRedis, but of a server that speaks TLS alone, as localhost.
func StartTLSRedis(t testing.TB, settings ...string) *Redis {
	t.Helper()
	cert, key := certificate(t, t.TempDir())
	r := newRedis(t, append([]string{
		"--port", "0", "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no",
	}, settings...))
	r.CA = cert
	r.start("localhost", "--tls-port")
	return r
}

func newRedis(t testing.TB, settings []string) *Redis {
	t.Helper()
	Need(t, "redis-server")
	r := &Redis{t: t, settings: append([]string{
		"--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "yes", "--appendfsync", "always",
		"--repl-diskless-sync-delay", "0",
	}, settings...)}
	t.Cleanup(r.Kill)
	return r
}

func (r *Redis) start(host, setting string) {
	r.t.Helper()
	port := FreePort(r.t)
	r.Address = net.JoinHostPort(host, port)
	r.settings = append(r.settings, setting, port)
	r.Run()
}

// Run starts it again after Kill, and waits until it is ready.
func (r *Redis) Run() {
	r.t.Helper()
	if !r.run() {
		r.t.Fatalf("redis-server does not start:\n%s", r.out)
	}
}

// run reports whether it is ready; if not, it has ended.
func (r *Redis) run() bool {
	r.t.Helper()
	r.out = new(syncBuffer)
	r.command = exec.Command("redis-server", r.settings...)
	r.command.Stdout, r.command.Stderr = r.out, r.out
	if err := r.command.Start(); err != nil {
		r.t.Fatal(err)
	}
	command, exited := r.command, make(chan struct{})
	r.exited = exited
	go func() { _ = command.Wait(); close(exited) }()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if strings.Contains(r.out.String(), "Ready to accept connections") {
			return true
		}
		select {
		case <-exited:
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
	r.Kill()
	return false
}

// Kill ends it at once, as a crash would.
func (r *Redis) Kill() {
	if r.command != nil {
		_ = r.command.Process.Kill()
		<-r.exited
		r.command = nil
	}
}

// Freeze makes it answer nothing while its connections stay open; Thaw ends that.
func (r *Redis) Freeze() { _ = r.command.Process.Signal(syscall.SIGSTOP) }

// Thaw ends Freeze.
func (r *Redis) Thaw() { _ = r.command.Process.Signal(syscall.SIGCONT) }
