package botapi

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// listener is a client of the event stream.
type listener struct {
	response *http.Response
	lines    *bufio.Scanner
	cancel   func()
}

// listen returns once the stream is open.
func (b *bench) listen(t *testing.T) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.server.URL+"/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := b.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	s := &listener{response, bufio.NewScanner(response.Body), func() { cancel(); _ = response.Body.Close() }}
	t.Cleanup(s.cancel)
	s.lines.Buffer(nil, 2<<20)
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("%d %s", response.StatusCode, got)
	}
	s.wantLine(t, ": listening")
	return s
}

// wantLine reads up to a line.
func (s *listener) wantLine(t *testing.T, line string) {
	t.Helper()
	for s.lines.Scan() {
		if s.lines.Text() == line {
			return
		}
	}
	t.Fatalf("the stream ended without %q: %v", line, s.lines.Err())
}

// want reads the next event that is not one of the thermometer's.
func (s *listener) want(t *testing.T, name, data string) {
	t.Helper()
	for s.lines.Scan() {
		event, ok := strings.CutPrefix(s.lines.Text(), "event: ")
		if !ok || event == "thermometer" {
			continue
		}
		if s.lines.Scan(); event != name || s.lines.Text() != "data: "+data {
			t.Errorf("got %s %s, want %s %s", event, s.lines.Text(), name, data)
		}
		return
	}
	t.Fatalf("the stream ended without %s: %v", name, s.lines.Err())
}

// hurried has readings often.
func hurried(b *Bot) { b.interval = 5 * time.Millisecond }

// quiet has none.
func quiet(b *Bot) { b.interval = time.Hour }

func (b *bench) subscribers() int {
	b.bot.events.mu.Lock()
	defer b.bot.events.mu.Unlock()
	return len(b.bot.events.subscribers)
}

// soon waits for what happens without the test.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

func TestTellsEveryoneWhatHappens(t *testing.T) {
	t.Parallel()
	b := newBench(t, hurried)
	listeners := []*listener{b.listen(t), b.listen(t), b.listen(t)}
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/api/door/unlock", ""},
		{"POST", "/api/door/unlock", ""}, // changes nothing
		{"PUT", "/api/arm/joints/grip", `{"angle":45}`},
		{"PUT", "/api/arm/joints/grip", `{"angle":999}`},
		{"PUT", "/api/rose", `{"red":1,"green":2,"blue":3}`},
		{"PUT", "/api/rose", `{"red":1,"green":2,"blue":3}`},
		{"GET", "/api/door", ""},
		{"POST", "/api/door/lock", ""},
	} {
		b.ask(t, c.method, c.path, c.body)
	}
	for _, s := range listeners {
		s.want(t, "door", `{"locked":false,"angle":90}`)
		s.want(t, "arm", `{"name":"grip","angle":45,"min":20,"max":120}`)
		s.want(t, "rose", `{"red":1,"green":2,"blue":3}`)
		s.want(t, "door", `{"locked":true,"angle":0}`)
		s.wantLine(t, `data: {"celsius":21.5}`)
		b.board.SetAnalog(PinThermometer, 102)
		s.wantLine(t, `data: {"celsius":0}`)
		b.board.SetAnalog(PinThermometer, 146)
	}
}

func TestForgetsWhoHasGone(t *testing.T) {
	t.Parallel()
	b := newBench(t, quiet) // nothing is written that would fail
	stays := b.listen(t)
	for range 20 {
		b.listen(t).cancel()
	}
	soon(t, "gone listeners are forgotten", func() bool { return b.subscribers() == 1 })
	b.ask(t, "POST", "/api/door/unlock", "")
	stays.want(t, "door", `{"locked":false,"angle":90}`)
}

func TestASlowListenerHoldsUpNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t, quiet)
	stays := b.listen(t)
	var dialer net.Dialer
	deaf, err := dialer.DialContext(t.Context(), "tcp", b.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	if _, err := io.WriteString(deaf, "GET /api/events HTTP/1.1\r\nHost: bot\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	soon(t, "both listen", func() bool { return b.subscribers() == 2 })
	heard := make(chan string, 10)
	go func() {
		for stays.lines.Scan() {
			if data, ok := strings.CutPrefix(stays.lines.Text(), "data: "); ok {
				heard <- data
			}
		}
		close(heard)
	}()
	flood := []byte(": " + strings.Repeat("x", 1<<16) + "\n\n")
	soon(t, "the deaf one is cut off", func() bool { // when the kernels buffer no more
		began := time.Now()
		b.bot.events.put(flood)
		if took := time.Since(began); took > patience/2 {
			t.Errorf("publishing took %s", took)
		}
		return b.subscribers() == 1
	})
	if r := b.ask(t, "POST", "/api/door/unlock", ""); r.status != http.StatusOK || b.board.Servo(PinDoor) != AngleUnlocked {
		t.Errorf("%d, the lock is at %d", r.status, b.board.Servo(PinDoor))
	}
	if got := <-heard; got+"\n" != unlocked {
		t.Errorf("heard %q", got)
	}
	b.ask(t, "POST", "/api/door/lock", "")
	if got := <-heard; got+"\n" != locked {
		t.Errorf("heard %q", got)
	}
	stays.cancel()
	for range heard { // to its end
	}
}

func TestASlowListenerLosesTheOldest(t *testing.T) {
	t.Parallel()
	q := newQueue()
	for i := range byte(queueLength + 5) {
		q.put([]byte{i})
	}
	for i := range byte(queueLength) {
		if got := (<-q)[0]; got != i+5 {
			t.Errorf("message %d is number %d", i, got)
		}
	}
}

func TestListensToSoManyOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t, quiet)
	for range maxSubscribers {
		if _, err := b.bot.events.subscribe(); err != nil {
			t.Fatal(err)
		}
	}
	if r := b.ask(t, "GET", "/api/events", ""); r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	} else {
		r.wantProblem(t, http.StatusServiceUnavailable)
	}
}

func TestAnswersHeadOfTheStreamAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.ask(t, "HEAD", "/api/events", "")
	if r.status != http.StatusOK || r.header.Get("Content-Type") != "text/event-stream" || r.body != "" || b.subscribers() != 0 {
		t.Errorf("%d %v %q", r.status, r.header, r.body)
	}
}

func TestSaysThatAServerCannotStream(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := httptest.NewRecorder() // it has no deadlines
	b.bot.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/events", nil))
	reply{w.Code, w.Header(), w.Body.String()}.wantProblem(t, http.StatusInternalServerError)
}
