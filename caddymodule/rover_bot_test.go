package caddymodule_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// roverBot is many rovers: the last segment of a path says what is asked, all before it which rover.
//
//	…/drive   a WebSocket that says "hello" and then hears: "bye" ends it well, "break" without a word, "talk" makes it
//	          talk without end, "deaf" that it looks at nothing any more
//	…/events  server-sent events: one, then none
//	…/chatter server-sent events without end
//	others    something to do, such as …/stop: answered 200 unless answer says otherwise
type roverBot struct {
	address string
	over    chan struct{} // closed with the test

	mu      sync.Mutex
	server  *http.Server
	sockets map[*websocket.Conn]struct{}
	open    map[string]int // by path
	heard   []order
	answer  func(w http.ResponseWriter, o order) // nil: 200
	opened  map[string]time.Time                 // when the last of a path came
}

// order is a request to do something.
type order struct {
	text   string // method, target and body
	nth    int    // of this text, from 1
	at     time.Time
	host   string
	header http.Header
	remote string
	ended  <-chan struct{} // the latch has given up
}

// startRoverBot starts one on loopback, which ends with the test.
func startRoverBot(t *testing.T) *roverBot {
	t.Helper()
	b := &roverBot{address: latchtest.FreeAddress(t), over: make(chan struct{}), sockets: map[*websocket.Conn]struct{}{}, open: map[string]int{}, opened: map[string]time.Time{}}
	b.up(t)
	t.Cleanup(func() { close(b.over); b.down() })
	return b
}

// up starts it, again after down.
func (b *roverBot) up(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	b.serve(listener)
}

func (b *roverBot) serve(listener net.Listener) {
	server := &http.Server{Handler: b, ReadHeaderTimeout: patience}
	b.mu.Lock()
	b.server = server
	b.mu.Unlock()
	go func() { _ = server.Serve(listener) }()
}

// down ends it as a crash does.
func (b *roverBot) down() {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.server.Close()
	for c := range b.sockets {
		go func() { _ = c.CloseNow() }()
	}
}

// ServeHTTP implements http.Handler.
func (b *roverBot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path.Base(r.URL.Path) {
	case "drive":
		b.stream(r, func() { b.drive(w, r) })
	case "events":
		b.stream(r, func() { b.tell(w, r, patience) })
	case "chatter":
		b.stream(r, func() { b.tell(w, r, time.Millisecond) })
	default:
		b.obey(w, r)
	}
}

// stream counts what is open while serve runs.
func (b *roverBot) stream(r *http.Request, serve func()) {
	b.mu.Lock()
	b.open[r.URL.Path]++
	b.opened[r.URL.Path] = time.Now()
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.open[r.URL.Path]--
	}()
	serve()
}

func (b *roverBot) drive(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	b.mu.Lock()
	b.sockets[c] = struct{}{}
	b.mu.Unlock()
	defer func() {
		_ = c.CloseNow()
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.sockets, c)
	}()
	err = c.Write(context.Background(), websocket.MessageText, []byte("hello"))
	for err == nil {
		var word []byte
		if _, word, err = c.Read(context.Background()); err != nil {
			return
		}
		switch string(word) {
		case "bye":
			err = c.Close(websocket.StatusNormalClosure, "")
		case "break":
			return
		case "deaf":
			<-b.over
			return
		case "talk":
			for frame := make([]byte, 16<<10); err == nil; {
				err = c.Write(context.Background(), websocket.MessageBinary, frame)
			}
		}
	}
}

func (b *roverBot) tell(w http.ResponseWriter, r *http.Request, every time.Duration) {
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		if _, err := io.WriteString(w, "data: 1\n\n"); err != nil {
			return
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(every):
		}
	}
}

func (b *roverBot) obey(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o := order{
		text: strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, body)), nth: 1, at: time.Now(),
		host: r.Host, header: r.Header.Clone(), remote: r.RemoteAddr, ended: r.Context().Done(),
	}
	b.mu.Lock()
	for _, before := range b.heard {
		if before.text == o.text {
			o.nth++
		}
	}
	b.heard = append(b.heard, o)
	answer := b.answer
	b.mu.Unlock()
	if answer != nil {
		answer(w, o)
	}
}

// orders are those of a text, in the order in which they came.
func (b *roverBot) orders(text string) []order {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []order
	for _, o := range b.heard {
		if o.text == text {
			all = append(all, o)
		}
	}
	return all
}

// texts are the texts of all orders.
func (b *roverBot) texts() (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.heard {
		all = append(all, o.text)
	}
	return slices.Clone(all)
}

// isOpen is how many streams of a path are open.
func (b *roverBot) isOpen(path string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open[path]
}

// lastOpened is when the last stream of a path came.
func (b *roverBot) lastOpened(path string) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.opened[path]
}

// answers makes it answer orders so, from now on.
func (b *roverBot) answers(answer func(w http.ResponseWriter, o order)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = answer
}
