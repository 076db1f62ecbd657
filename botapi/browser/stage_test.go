// Package browser_test opens the robot's page in a real Chromium.
package browser_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/botapi/sim"
)

// stage is a robot and a gate in front of it. The page comes through the gate, and the robot knows nothing of it.
type stage struct {
	*httptest.Server

	board *sim.Board
	bot   *url.URL
	proxy *httputil.ReverseProxy

	mu      sync.Mutex
	refused map[string]int // status by path; "" stands for every path of the API
	hits    map[string]int // by method and path
	late    map[string]time.Duration
	ended   chan struct{} // closed when all streams must end
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{board: sim.New(), refused: map[string]int{}, hits: map[string]int{}, late: map[string]time.Duration{}, ended: make(chan struct{})}
	robot := botapi.New(s.board)
	if err := robot.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = robot.Stop() })
	open := httptest.NewServer(robot.Handler())
	t.Cleanup(open.Close)
	s.bot, _ = url.Parse(open.URL)
	s.proxy = &httputil.ReverseProxy{FlushInterval: -1, ModifyResponse: s.linger, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(s.bot) }}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	t.Cleanup(s.end)
	return s
}

// ServeHTTP refuses as a latch does, or lets through.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.hits[r.Method+" "+r.URL.Path]++
	status, ended := s.refused[r.URL.Path], s.ended
	if of, ok := s.refused[""]; ok && strings.HasPrefix(r.URL.Path, "/api/") {
		status = of
	}
	s.mu.Unlock()
	if status != 0 {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "status": status, "detail": "the gate says so"})
		return
	}
	ctx, end := context.WithCancel(r.Context())
	defer end()
	go func() {
		select {
		case <-ended:
			end()
		case <-ctx.Done():
		}
	}()
	if r.Header.Get("Upgrade") != "" {
		s.relay(ctx, w, r)
		return
	}
	s.proxy.ServeHTTP(w, r.WithContext(ctx))
}

// relay passes messages on until ctx ends, and then says why, as a latch does.
func (s *stage) relay(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	inner, answer, err := websocket.Dial(r.Context(), s.bot.JoinPath(r.URL.Path).String(), nil)
	if err != nil {
		w.WriteHeader(answer.StatusCode)
		return
	}
	defer func() { _ = inner.CloseNow() }()
	outer, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = outer.CloseNow() }()
	over := make(chan error, 2)
	pass := func(to, from *websocket.Conn) {
		for {
			kind, message, err := from.Read(context.Background())
			if err == nil {
				err = to.Write(context.Background(), kind, message)
			}
			if err != nil {
				over <- err
				return
			}
		}
	}
	go pass(inner, outer)
	go pass(outer, inner)
	select {
	case <-ctx.Done():
		_ = outer.Close(websocket.StatusPolicyViolation, "token revoked")
	case err := <-over:
		if code := websocket.CloseStatus(err); code > 0 {
			_ = outer.Close(code, "the rover was stopped")
		}
	}
}

// refuse answers a path with status from now on, 0 lets it through again.
func (s *stage) refuse(path string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[path] = status
	if status == 0 {
		delete(s.refused, path)
	}
}

// delay lets the answers to what is asked by method and path come late.
func (s *stage) delay(request string, by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late[request] = by
}

// linger is told of each answer of the robot.
func (s *stage) linger(r *http.Response) error {
	s.mu.Lock()
	by := s.late[r.Request.Method+" "+r.Request.URL.Path]
	s.mu.Unlock()
	time.Sleep(by)
	return nil
}

// put moves a part of the robot, not through the gate.
func (s *stage) put(t *testing.T, path, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.bot.JoinPath(path).String(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(err, answer)
	}
	_ = answer.Body.Close()
}

// end ends all streams that are open.
func (s *stage) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.ended)
	s.ended = make(chan struct{})
}

// asked is how often something was asked for, by method and path.
func (s *stage) asked(request string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hits[request]
}

// within tries again until something is so, for ten seconds at most.
func within(so func() bool) bool {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if so() {
			return true
		}
	}
	return so()
}

// soon fails if something is not so within ten seconds.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	if !within(so) {
		t.Fatalf("not within ten seconds: %s", what)
	}
}

func (s *stage) motors() [2]int {
	return [2]int{s.board.Servo(botapi.PinLeft), s.board.Servo(botapi.PinRight)}
}
