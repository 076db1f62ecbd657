package attacks_test

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// pageBot is a bot with pages and without auth code. Whatever reaches a path below /act/ moves something.
type pageBot struct {
	server *httptest.Server
	ended  chan struct{}

	mu    sync.Mutex
	acts  map[string]int
	pages map[string]shown
}

// shown is what the bot answers at a path.
type shown struct {
	text   string
	header http.Header
}

func startPageBot(t *testing.T) *pageBot {
	t.Helper()
	b := &pageBot{acts: make(map[string]int), ended: make(chan struct{}), pages: map[string]shown{"/": {text: blank}}}
	b.server = httptest.NewServer(b)
	t.Cleanup(func() { close(b.ended); b.server.Close() })
	return b
}

func (b *pageBot) address() string { return strings.TrimPrefix(b.server.URL, "http://") }

// shows makes the bot answer with a page at a path. Fields are name and value, by turns.
func (b *pageBot) shows(path, text string, fields ...string) {
	header := make(http.Header)
	for i := 0; i < len(fields); i += 2 {
		header.Add(fields[i], fields[i+1])
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages[path] = shown{text, header}
}

// ServeHTTP implements http.Handler.
func (b *pageBot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	b.mu.Lock()
	act, moves := strings.CutPrefix(r.URL.Path, "/act/")
	if moves {
		b.acts[act]++
	}
	p, ok := b.pages[r.URL.Path]
	b.mu.Unlock()
	switch {
	case moves:
		p = shown{text: "It moved."}
	case r.URL.Path == "/live/events":
		b.stream(w, r)
		return
	case r.URL.Path == "/live/socket":
		b.hold(w, r)
		return
	case !ok:
		http.NotFound(w, r)
		return
	}
	maps.Copy(w.Header(), p.header)
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		p.text = "<!doctype html><title>bot</title>" + p.text
	}
	_, _ = io.WriteString(w, p.text)
}

// stream sends events until somebody leaves.
func (b *pageBot) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		_, _ = fmt.Fprint(w, "retry: 50\ndata: 20 °C\n\n")
		w.(http.Flusher).Flush() //nolint:forcetypeassert // net/http's
		select {
		case <-time.After(50 * time.Millisecond):
		case <-r.Context().Done():
			return
		case <-b.ended:
			return
		}
	}
}

// acted is how often something moved, by the rest of the path.
func (b *pageBot) acted() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.acts)
}

// hold opens a WebSocket (RFC 6455 §4.2.2), and holds it until somebody leaves.
func (b *pageBot) hold(w http.ResponseWriter, r *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	gone := make(chan struct{})
	go func() { defer close(gone); _, _ = io.Copy(io.Discard, conn) }()
	select {
	case <-gone:
	case <-b.ended:
	}
}
