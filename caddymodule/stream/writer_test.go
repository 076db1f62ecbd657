package stream

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// recorded is what a writer passes on: all statuses, in order, and whether the body took the short way.
type recorded struct {
	*httptest.ResponseRecorder

	statuses []int
	readFrom bool
	hijacked bool
	conn     net.Conn
}

func (r *recorded) WriteHeader(status int) {
	r.statuses = append(r.statuses, status)
	if status >= 200 {
		r.ResponseRecorder.WriteHeader(status)
	}
}

func (r *recorded) ReadFrom(from io.Reader) (int64, error) {
	r.readFrom = true
	return io.Copy(r.ResponseRecorder, from)
}

func (r *recorded) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.hijacked = true
	return r.conn, bufio.NewReadWriter(bufio.NewReader(r.conn), bufio.NewWriter(r.conn)), nil
}

func record() (*recorded, *writer) {
	s := &Stream{id: 1, cancel: func() {}}
	r := &recorded{ResponseRecorder: httptest.NewRecorder()}
	s.writer = writer{ResponseWriter: r, stream: s}
	return r, &s.writer
}

func TestWhatTheProxySaysOfACutRequestIsNotSent(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]func(w *writer) error{
		"status": func(w *writer) error { w.WriteHeader(499); return nil },
		"early":  func(w *writer) error { w.WriteHeader(http.StatusEarlyHints); return nil },
		"switch": func(w *writer) error { w.WriteHeader(http.StatusSwitchingProtocols); return nil },
		"body":   func(w *writer) error { _, err := w.Write([]byte("Bad Gateway")); return err },
		"copy":   func(w *writer) error { _, err := w.ReadFrom(strings.NewReader("Bad Gateway")); return err },
		"flush":  func(w *writer) error { return w.FlushError() },
		"hijack": func(w *writer) error {
			if _, _, err := w.Hijack(); err == nil {
				return errors.New("the connection is handed out")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w := record()
			w.stream.End(Expired)
			defer w.stream.finish()
			if err := say(w); err != nil {
				t.Error(err)
			}
			if len(r.statuses) > 0 || r.Body.Len() > 0 || r.Flushed || r.hijacked || !w.swallows() {
				t.Errorf("statuses %v, body %q, flushed %v, hijacked %v", r.statuses, r.Body, r.Flushed, r.hijacked)
			}
		})
	}
}

// TestAnAnswerThatHasBegunGoesOn, although the stream is cut: its end is the business of the proxy.
func TestAnAnswerThatHasBegunGoesOn(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w *writer){
		"status": func(w *writer) { w.WriteHeader(http.StatusOK) },
		"body":   func(w *writer) { _, _ = w.Write([]byte("a")) },
		"copy":   func(w *writer) { _, _ = w.ReadFrom(strings.NewReader("a")) },
		"flush":  func(w *writer) { _ = w.FlushError() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w := record()
			w.Header().Set("Content-Type", "text/event-stream")
			begin(w)
			w.stream.End(Expired)
			defer w.stream.finish()
			n := r.Body.Len()
			_, _ = w.Write([]byte("b"))
			if w.swallows() || r.Code != http.StatusOK || len(r.statuses) != 1 || r.Body.Len() != n+1 || w.stream.Kind() != EventStream {
				t.Errorf("statuses %v, body %q, kind %s", r.statuses, r.Body, w.stream.Kind())
			}
		})
	}
}

func TestEarlyAnswersPassAndCountForNothing(t *testing.T) {
	t.Parallel()
	r, w := record()
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusEarlyHints)
	if len(r.statuses) != 1 || w.started || w.stream.Kind() != Request {
		t.Errorf("statuses %v, started %v", r.statuses, w.started)
	}
	w.stream.End(Revoked)
	defer w.stream.finish()
	w.WriteHeader(499)
	if len(r.statuses) != 1 || !w.swallows() {
		t.Errorf("statuses %v", r.statuses)
	}
}

func TestAFileTakesTheShortWay(t *testing.T) {
	t.Parallel()
	r, w := record()
	if n, err := w.ReadFrom(strings.NewReader("file")); n != 4 || err != nil || !r.readFrom || len(r.statuses) != 1 || r.Body.String() != "file" {
		t.Errorf("%d, %v: %q, statuses %v, short way %v", n, err, r.Body, r.statuses, r.readFrom)
	}
	plain := httptest.NewRecorder()
	w.ResponseWriter = struct{ http.ResponseWriter }{plain}
	if n, err := w.ReadFrom(strings.NewReader("file")); n != 4 || err != nil || plain.Body.String() != "file" {
		t.Errorf("without a short way: %d, %v: %q", n, err, plain.Body)
	}
}

// TestAConnectionTakenOverIsKeptHoldOf: what is written to it passes the frames, whichever way it goes.
func TestAConnectionTakenOverIsKeptHoldOf(t *testing.T) {
	t.Parallel()
	r, w := record()
	near, far := net.Pipe()
	defer near.Close()
	r.conn = far
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.stream.cancel = cancel
	line := halfClosed{far, make(chan struct{})}
	w.stream.Line = line // below what hides how to close half of it
	w.WriteHeader(http.StatusSwitchingProtocols)
	conn, buffered, err := w.Hijack()
	if err != nil || w.stream.Kind() != WebSocket || w.stream.ws != conn {
		t.Fatalf("%v, kind %s", err, w.stream.Kind())
	}
	go func() {
		_, _ = buffered.Write([]byte{0x81})
		_ = buffered.Flush()
		w.stream.End(Revoked)
		for !w.stream.ws.told() {
			time.Sleep(10 * time.Microsecond)
		}
		w.stream.mu.Lock()
		w.stream.late.Stop() // it must end well without that
		w.stream.mu.Unlock()
		_, _ = conn.Write([]byte{2, 'h', 'i', 0x81, 0})
	}()
	want := "\x81\x02hi" + string(Revoked.goodbye())
	got := make([]byte, len(want))
	if _, err := io.ReadFull(near, got); err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	for what, done := range map[string]<-chan struct{}{"the client's side": line.closed, "the bot's side": ctx.Done()} {
		select {
		case <-done:
		case <-time.After(longest):
			t.Errorf("%s is not ended", what)
		}
	}
	w.stream.finish()
}

// halfClosed is a connection that notes when half of it is closed.
type halfClosed struct {
	net.Conn

	closed chan struct{}
}

func (h halfClosed) CloseWrite() error { close(h.closed); return nil }
