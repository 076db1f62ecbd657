package attacks_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestD6_ReloadsUnderLoadLeakNothing(t *testing.T) {
	t.Parallel()
	// Caddy's proxy keeps idle connections to the bot beyond a reload, for two minutes; they are not ours to count.
	s := newStage(t, strings.Replace(ringSite, "reverse_proxy {$BOT}", "reverse_proxy {$BOT} {\n\t\ttransport http {\n\t\t\tkeepalive off\n\t\t}\n\t}", 1), ringEnv(t)...)
	good, revoked := called("ES256").token(nil, nil), called("ES256").token(nil, map[string]any{"jti": "d6"})
	s.revoke(t, `{"token":"`+revoked+`"}`)
	_, config := s.latch.Ask(t, http.MethodGet, "/config/", "")
	load := func(n int) {
		changed := strings.Replace(config, `"handler":"botlatch"`, fmt.Sprintf(`"handler":"botlatch","realm":"d6-%d"`, n), 1)
		if status, answer := s.latch.Ask(t, http.MethodPost, "/load", changed); status != http.StatusOK || changed == config {
			t.Fatalf("reload %d: status %d: %s", n, status, answer)
		}
	}
	load(0)
	before := s.goroutines(t)
	stop := make(chan struct{})
	var workers sync.WaitGroup
	for worker := range 4 {
		workers.Go(func() {
			connection := newLine(s.address())
			defer connection.close()
			for {
				select {
				case <-stop:
					return
				default:
				}
				token, want := good, http.StatusOK
				if worker%2 == 1 {
					token, want = revoked, http.StatusUnauthorized
				}
				// A listener that changes hands drops what it has not accepted.
				if status := connection.ask(t, token); status != want && status != 0 {
					t.Errorf("status %d, want %d", status, want)
				}
			}
		})
	}
	began := time.Now()
	reloads := 1
	for ; reloads <= 40 && time.Since(began) < 15*time.Second; reloads++ {
		load(reloads)
	}
	close(stop)
	workers.Wait()
	if reloads < 5 {
		t.Errorf("%d reloads only: the test showed nothing", reloads)
	}
	after := s.goroutines(t)
	for deadline := time.Now().Add(patience); after > before+10 && time.Now().Before(deadline); after = s.goroutines(t) {
		time.Sleep(100 * time.Millisecond)
	}
	if after > before+10 {
		_, profile := s.latch.Ask(t, http.MethodGet, "/debug/pprof/goroutine?debug=1", "")
		t.Errorf("%d goroutines after %d reloads, %d before:\n%s", after, reloads, before, profile)
	}
	s.forbids(t, map[string]string{"revoked": revoked})
}

// goroutines is how many the latch has.
func (s *stage) goroutines(t *testing.T) (n int) {
	t.Helper()
	_, profile := s.latch.Ask(t, http.MethodGet, "/debug/pprof/goroutine?debug=1", "")
	if _, err := fmt.Sscanf(profile, "goroutine profile: total %d", &n); err != nil {
		t.Fatalf("reading how many goroutines there are: %v", err)
	}
	return n
}
