package caddymodule_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// streamBot has an answer of every kind that stays open, and remembers what came and how it went.
//
//	/ws        a WebSocket that says "hello", and then sends back what it hears
//	/talk      a WebSocket that talks without end, in frames of 64 KiB
//	/events    server-sent events: one at once, then one every 20 ms
//	/flood     server-sent events without a pause
//	/quiet     server-sent events: one at once, then none
//	/camera    multipart/x-mixed-replace, a part every 20 ms
//	/download  a body of 1 GiB by its Content-Length, slowly
//	/wait      no answer
//	/upload    reads the body to its end, then answers
//	/stop      the last will
type streamBot struct {
	*httptest.Server

	mu     sync.Mutex
	open   map[string]int
	closed map[string]error // how the last one went
	stops  []string         // method, target, body, and when
	at     []time.Time

	said atomic.Int64 // what /talk and /flood could get rid of, in writes
}

func startStreamBot(t *testing.T) *streamBot {
	t.Helper()
	b := &streamBot{open: map[string]int{}, closed: map[string]error{}}
	mux := http.NewServeMux()
	for path, serve := range map[string]func(http.ResponseWriter, *http.Request) error{
		"/ws": b.echo, "/talk": b.talk, "/events": b.events, "/flood": b.flood, "/quiet": b.quiet, "/camera": b.camera,
		"/download": b.download, "/wait": b.wait, "/upload": b.upload,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			b.count(path, 1, nil)
			b.count(path, -1, serve(w, r))
		})
	}
	mux.HandleFunc("/stop", b.stop)
	b.Server = httptest.NewServer(mux)
	t.Cleanup(func() { b.CloseClientConnections(); b.Close() })
	return b
}

func (b *streamBot) count(path string, n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[path] += n
	if n < 0 {
		b.closed[path] = err
	}
}

// isOpen is how many of a path are open at the bot.
func (b *streamBot) isOpen(path string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open[path]
}

// lastEnd is how the last one of a path went; nil: to its end.
func (b *streamBot) lastEnd(path string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed[path]
}

// stopped is what was sent to /stop.
func (b *streamBot) stopped() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.stops...)
}

func (b *streamBot) stop(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stops = append(b.stops, fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, body))
	b.at = append(b.at, time.Now())
}

func (b *streamBot) echo(w http.ResponseWriter, r *http.Request) error {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"chat"}})
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseNow() }()
	if err := c.Write(r.Context(), websocket.MessageText, []byte("hello")); err != nil {
		return err
	}
	for {
		kind, message, err := c.Read(context.Background())
		if err != nil {
			return err
		}
		if err := c.Write(context.Background(), kind, message); err != nil {
			return err
		}
	}
}

func (b *streamBot) talk(w http.ResponseWriter, r *http.Request) error {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseNow() }()
	frame := make([]byte, 64<<10)
	for i := range frame {
		frame[i] = byte(i)
	}
	ctx := c.CloseRead(context.Background())
	for {
		if err := c.Write(ctx, websocket.MessageBinary, frame); err != nil {
			return err
		}
		b.said.Add(1)
	}
}

func (b *streamBot) events(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/event-stream")
	return b.drip(w, r, "data: 1\n\n")
}

func (b *streamBot) flood(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/event-stream")
	event := []byte("data: " + strings.Repeat("1", 64<<10) + "\n\n")
	for {
		if _, err := w.Write(event); err != nil {
			return err
		}
		b.said.Add(1)
	}
}

func (b *streamBot) camera(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", `multipart/x-mixed-replace; boundary="frame"`)
	return b.drip(w, r, "--frame\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\n1\r\n")
}

func (b *streamBot) download(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Length", fmt.Sprint(1<<30))
	return b.drip(w, r, "0123456789")
}

func (b *streamBot) drip(w http.ResponseWriter, r *http.Request, text string) error {
	for {
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		select {
		case <-r.Context().Done():
			return r.Context().Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (b *streamBot) quiet(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/event-stream")
	if _, err := io.WriteString(w, "data: 1\n\n"); err != nil {
		return err
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return err
	}
	return b.wait(w, r)
}

func (b *streamBot) wait(_ http.ResponseWriter, r *http.Request) error {
	<-r.Context().Done()
	return r.Context().Err()
}

func (b *streamBot) upload(w http.ResponseWriter, r *http.Request) error {
	n, err := io.Copy(io.Discard, r.Body)
	_, _ = fmt.Fprint(w, n)
	return err
}
