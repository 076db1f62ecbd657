package attacks_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// muxRouter is a bot on http.ServeMux, with patterns that name methods.
type muxRouter struct {
	address string

	mu      sync.Mutex
	reached int
	acts    []string
}

func startMuxRouter(t *testing.T) *muxRouter {
	t.Helper()
	r, mux := new(muxRouter), http.NewServeMux()
	for _, pattern := range []string{"GET /servo/{degrees}", "GET /first door/kiss", "POST /gripper"} {
		mux.HandleFunc(pattern, func(_ http.ResponseWriter, req *http.Request) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.acts = append(r.acts, fmt.Sprintf("%s %q, shot %s, by %s", req.Method, req.RequestURI, req.Header.Get("X-Shot"), pattern))
		})
	}
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		r.reached++
		r.mu.Unlock()
		mux.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	r.address = strings.TrimPrefix(server.URL, "http://")
	return r
}

// since forgets what acted so far, and returns it and how many requests arrived.
func (r *muxRouter) since(*testing.T) (acts []string, reached int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	acts, reached = r.acts, r.reached
	r.acts, r.reached = nil, 0
	return acts, reached
}

func TestNoSpellingOfAnActMovesABotOnServeMux(t *testing.T) {
	t.Parallel()
	router := startMuxRouter(t)
	s := newStage(t, guarded(routedRules), "ROUTER="+router.address)
	s.holds(t, router, routed)
}
