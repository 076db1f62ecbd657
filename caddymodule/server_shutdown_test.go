package caddymodule_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestEndsInFiveSecondsWithAStreamOpen: Caddy by itself would wait until the last client has gone.
func TestEndsInFiveSecondsWithAStreamOpen(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte("data: 1\n\n"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(gone)
	}))
	defer bot.Close()
	s := newProduction(t)
	s.latch.Stop()
	s.latch.Setenv("BOTLATCH_UPSTREAM", strings.TrimPrefix(bot.URL, "http://"))
	s.latch.Run()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.latch.URL+"/api/arm", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.mint(t, "observe"))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := res.Body.Read(make([]byte, 1)); err != nil {
		t.Fatalf("the stream does not begin: %v", err)
	}
	began := time.Now()
	s.latch.Stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("ended after %s", took)
	}
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Error("the bot still serves a stream that nobody reads")
	}
}
