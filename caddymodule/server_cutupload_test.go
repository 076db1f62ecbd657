package caddymodule_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// trickle is a body that sends something at once, and then a little now and then, or nothing more.
type trickle struct {
	stalls bool
	begun  bool
	once   sync.Once
	closed chan struct{}
}

func newTrickle(stalls bool) *trickle { return &trickle{stalls: stalls, closed: make(chan struct{})} }

func (b *trickle) Read(p []byte) (int, error) {
	if b.begun {
		next := time.After(20 * time.Millisecond)
		if b.stalls {
			next = nil
		}
		select {
		case <-b.closed:
			return 0, io.ErrClosedPipe
		case <-next:
		}
	}
	b.begun = true
	return copy(p, "0123456789"), nil
}

func (b *trickle) Close() error {
	b.once.Do(func() { close(b.closed) })
	return nil
}

// uploaded is how an upload was answered.
type uploaded struct {
	status int
	err    error
}

// upload sends a body by HTTP/1.1, by hand: net/http would wait for the body to end before it says what was answered.
func (s *streamStage) upload(t *testing.T, base, token string, body *trickle) <-chan uploaded {
	t.Helper()
	address := strings.TrimPrefix(trimScheme(base), "https://")
	conn, err := net.Dial("tcp", address)
	if base == s.latch.TLSURL {
		transport := s.latch.TLSClient(true).Transport.(*http.Transport)
		conn, err = tls.Dial("tcp", address, transport.TLSClientConfig)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprintf(conn, "POST /upload HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Length: 1000000\r\n\r\n", address, token); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(conn, body) }()
	answered := make(chan uploaded, 1)
	go func() {
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			answered <- uploaded{0, err}
			return
		}
		_ = res.Body.Close()
		answered <- uploaded{res.StatusCode, nil}
	}()
	return answered
}

// upload2 sends a body by HTTP/2.
func (s *streamStage) upload2(t *testing.T, client *http.Client, token string, body *trickle) <-chan uploaded {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.latch.TLSURL+"/upload", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answered := make(chan uploaded, 1)
	go func() {
		res, err := client.Do(r)
		if err != nil {
			answered <- uploaded{0, err}
			return
		}
		_ = res.Body.Close()
		answered <- uploaded{res.StatusCode, nil}
	}()
	return answered
}

// TestAnUploadIsBrokenOff, also one whose client says nothing more.
func TestAnUploadIsBrokenOff(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, bothSites)
	cuts := 0
	overEach(t, s, func(t *testing.T, client *http.Client, base, version string) {
		for name, stalls := range map[string]bool{"slow": false, "stalled": true} {
			subject, body := version+name, newTrickle(stalls)
			var answered <-chan uploaded
			if version == "h2" {
				answered = s.upload2(t, client, s.driver(t, subject, 0), body)
			} else {
				answered = s.upload(t, base, s.driver(t, subject, 0), body)
			}
			eventually(t, "the upload is under way", func() bool { return s.bot.isOpen("/upload") == 1 })
			began := time.Now()
			if a := s.revokeSubject(t, subject); a.Streams != 1 {
				t.Errorf("%s %s: answer %+v", version, name, a)
			}
			cuts++
			eventually(t, "the bot's side closed", func() bool { return s.bot.isOpen("/upload") == 0 })
			soon(t, began, time.Now())
			select {
			case a := <-answered: // broken off is as good: the client must not take it for done
				if a.err == nil && a.status != http.StatusBadGateway || errors.Is(a.err, os.ErrDeadlineExceeded) {
					t.Errorf("%s %s: %+v", version, name, a)
				}
				t.Logf("%s %s: %d, %v after %v", version, name, a.status, a.err, time.Since(began))
			case <-time.After(2 * atOnce):
				t.Errorf("%s %s: the client waits", version, name)
			}
			_ = body.Close()
		}
	})
	s.over(t, "revoked", cuts)
}
