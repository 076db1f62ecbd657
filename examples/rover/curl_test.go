package rover_test

import (
	"bytes"
	"errors"
	"image/jpeg"
	"io"
	"mime/multipart"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// curl is a curl, running.
type curl struct {
	s       *stage
	command *exec.Cmd
	body    io.WriteCloser // what it uploads with -T -

	mu       sync.Mutex
	received bytes.Buffer
}

// curl starts one with a token. It trusts the latch's certificate.
func (s *stage) curl(token string, args ...string) *curl {
	s.t.Helper()
	args = append([]string{
		"-sN", "--cacert", filepath.Join(s.latch.Dir, "cert.pem"), "-H", "Authorization: Bearer " + token,
		"-w", "%{stderr}%{http_code} HTTP/%{http_version}",
	}, args...)
	c := &curl{s: s, command: exec.CommandContext(s.t.Context(), "curl", args...)}
	c.command.Stdout, c.command.Stderr, c.command.WaitDelay = c, new(bytes.Buffer), time.Second
	body, err := c.command.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	c.body = body
	if err := c.command.Start(); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// Write implements io.Writer for what curl receives.
func (c *curl) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.received.Write(p)
}

// got is what curl has received.
func (c *curl) got() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.received.String()
}

// ends waits for its end, and returns its exit code, and status and version of the answer.
func (c *curl) ends() (code int, answer string) {
	c.s.t.Helper()
	limit := time.AfterFunc(patience, func() { _ = c.command.Process.Kill() })
	defer limit.Stop()
	if err := c.command.Wait(); c.command.ProcessState == nil {
		c.s.t.Fatal(err)
	}
	return c.command.ProcessState.ExitCode(), c.command.Stderr.(*bytes.Buffer).String()
}

// speaksHTTP2 reports whether this curl was built with HTTP/2.
func speaksHTTP2(t *testing.T) bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "curl", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(out), " HTTP2")
}

// TestCurlSeesHowAStreamEnds: what has no end of its own ends well, and an upload is answered.
func TestCurlSeesHowAStreamEnds(t *testing.T) {
	t.Parallel()
	latchtest.Need(t, "curl")
	s := newStage(t)
	ways := map[string]string{"HTTP/1.1": s.latch.URL}
	if speaksHTTP2(t) {
		ways["HTTP/2"] = s.latch.TLSURL
	}
	for version, site := range ways {
		t.Run(version+" events", func(t *testing.T) {
			c := s.on(t).curl(s.token(t.Name(), 0), site+"/telemetry")
			c.cutAfter("data:", t.Name())
			if code, answer := c.ends(); code != 0 || answer != "200 "+version {
				t.Errorf("exit code %d, answer %s", code, answer)
			}
			if !strings.HasSuffix(c.got(), "}\n\n") {
				t.Errorf("the last event is not whole: %q", c.got())
			}
		})
		t.Run(version+" camera", func(t *testing.T) {
			c := s.on(t).curl(s.token(t.Name(), 0), site+"/camera")
			c.cutAfter("--frame", t.Name())
			if code, answer := c.ends(); code != 0 || answer != "200 "+version {
				t.Errorf("exit code %d, answer %s", code, answer)
			}
			if n := frames(t, c.got()); n < 2 {
				t.Errorf("%d whole pictures", n)
			}
		})
		t.Run(version+" upload", func(t *testing.T) {
			s := s.on(t)
			c := s.curl(s.token(t.Name(), 0), "-T", "-", site+"/route")
			if _, err := io.WriteString(c.body, "north\neast\n"); err != nil {
				t.Fatal(err)
			}
			s.becomes("half a route", func(now state) bool { return now.Arriving == 2 })
			if n := s.revoke(t.Name()); n != 1 {
				t.Errorf("%d streams ended, want 1", n)
			}
			go c.sends("south\n") // curl looks for an answer when it has sent something
			code, answer := c.ends()
			if code != 0 || answer != "502 "+version || !strings.Contains(c.got(), `"status":502`) {
				t.Errorf("exit code %d, answer %s %s", code, answer, c.got())
			}
			s.becomes("no half route", func(now state) bool { return now == state{} })
		})
	}
}

// sends goes on sending until curl takes no more.
func (c *curl) sends(text string) {
	for {
		if _, err := io.WriteString(c.body, text); err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// cutAfter waits until curl has received some text three times, and revokes its subject.
func (c *curl) cutAfter(text, subject string) {
	c.s.t.Helper()
	for deadline := time.Now().Add(patience); strings.Count(c.got(), text) < 3; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.s.t.Fatalf("no %q in %s", text, patience)
		}
	}
	if n := c.s.revoke(subject); n != 1 {
		c.s.t.Errorf("%d streams ended, want 1", n)
	}
}

// frames counts the pictures that came whole. Each must be one.
func frames(t *testing.T, stream string) (n int) {
	t.Helper()
	for parts := multipart.NewReader(strings.NewReader(stream), "frame"); ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		picture, err := io.ReadAll(part)
		if err != nil {
			return n // cut in this one
		}
		if _, err := jpeg.Decode(bytes.NewReader(picture)); err != nil {
			t.Errorf("picture %d: %v", n, err)
		}
	}
}

// TestLockHasNoAddresses keeps the lock file free of download addresses, so that any registry will do.
func TestLockHasNoAddresses(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) || !strings.Contains(string(lock), `"integrity"`) {
		t.Error("package-lock.json: resolved addresses, or no integrity; npm must read the .npmrc of this folder")
	}
}
