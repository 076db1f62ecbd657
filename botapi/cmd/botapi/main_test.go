package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a botapi that runs. log may be read once it has ended.
type process struct {
	*exec.Cmd
	client http.Client
	url    string
	log    bytes.Buffer
}

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "botapi")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// start runs the binary and waits for the line that says where it listens.
func start(t *testing.T, binary, address string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	p := &process{Cmd: exec.CommandContext(ctx, binary, "-listen", address)}
	p.Stderr = &p.log
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%v: %v: %s", err, p.Wait(), &p.log)
	}
	p.url = strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	transport := &http.Transport{}
	if path, ok := strings.CutPrefix(p.url, "unix/"); ok {
		p.url = "http://bot"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", path)
		}
	}
	p.client.Transport = transport
	return p
}

func (p *process) post(t *testing.T, path string) (status int, body string) {
	t.Helper()
	response, err := p.client.Post(p.url+path, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(read)
}

func TestRunsAsAProcess(t *testing.T) {
	t.Parallel()
	binary := build(t)
	socket := filepath.Join(t.TempDir(), "bot.sock")
	for name, c := range map[string]struct {
		address string
		signal  os.Signal
	}{
		"ok/TCP, SIGTERM": {"127.0.0.1:0", syscall.SIGTERM},
		"ok/TCP, SIGINT":  {"localhost:0", syscall.SIGINT},
		"ok/unix socket":  {"unix/" + socket, syscall.SIGTERM},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, binary, c.address)
			if status, body := p.post(t, "/api/door/unlock"); status != http.StatusOK || !strings.Contains(body, `"locked":false`) {
				t.Errorf("%d %s", status, body)
			}
			if status, _ := p.post(t, "/api/door"); status != http.StatusMethodNotAllowed {
				t.Errorf("status %d", status)
			}
			began := time.Now()
			if err := p.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			if err := p.Wait(); err != nil {
				t.Errorf("%v: %s", err, &p.log)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %s to stop", took)
			}
			if !strings.Contains(p.log.String(), "door turned") || !strings.Contains(p.log.String(), "Finalize") {
				t.Errorf("log: %s", &p.log)
			}
			if _, err := os.Lstat(socket); err == nil {
				t.Error("the socket is still there")
			}
		})
	}
	t.Run("ok/after kill -9", func(t *testing.T) {
		p := start(t, binary, "unix/"+socket)
		_ = p.Process.Kill()
		_ = p.Wait()
		p = start(t, binary, "unix/"+socket)
		if status, body := p.post(t, "/api/door/lock"); status != http.StatusOK {
			t.Errorf("%d %s", status, body)
		}
		_ = p.Process.Signal(syscall.SIGTERM)
		if err := p.Wait(); err != nil {
			t.Error(err)
		}
	})
}

func TestSaysWhatIsWrongWithTheCommandLine(t *testing.T) {
	t.Parallel()
	taken, err := listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, taken)
	for name, c := range map[string]struct {
		args string
		code int
		says string
	}{
		"ok/help":           {"-h", 0, "-listen-anywhere"},
		"bad/flag":          {"-port 3000", 2, "not defined: -port"},
		"bad/argument":      {"-listen 127.0.0.1:0 now", 2, `unexpected argument "now"`},
		"bad/no value":      {"-listen", 2, "-listen"},
		"bad/board":         {"-board arduino", 2, `unknown -board "arduino": it is sim, firmata or firmata-tcp`},
		"bad/no port":       {"-board firmata", 2, "asks for a -board-address"},
		"bad/no host":       {"-board firmata-tcp", 2, "asks for a -board-address"},
		"bad/sim address":   {"-board-address 127.0.0.1:1", 2, "a simulated board has none"},
		"bad/serial port":   {"-listen 127.0.0.1:0 -board firmata -board-address /nowhere", 1, "check that the board is plugged in"},
		"bad/TCP board":     {"-listen 127.0.0.1:0 -board firmata-tcp -board-address 127.0.0.1:1", 1, "check the address"},
		"bad/other address": {"-listen 0.0.0.0:0", 1, "-listen-anywhere"},
		"bad/port taken":    {"-listen " + taken.Addr().String(), 1, "address already in use"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // or it would run for good
			defer cancel()
			if code := run(ctx, strings.Fields(c.args), &stdout, &stderr); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if !strings.Contains(stderr.String(), c.says) || stdout.Len() != 0 {
				t.Errorf("stderr %q, stdout %q", &stderr, &stdout)
			}
		})
	}
}
