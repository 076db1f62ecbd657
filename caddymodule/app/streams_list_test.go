package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAStreamEndsWhenItsStatusListTurnsAgainstIt, and one of another entry goes on.
func TestAStreamEndsWhenItsStatusListTurnsAgainstIt(t *testing.T) {
	t.Parallel()
	gone := make(chan string, 2)
	bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte("data: 1\n\n"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		gone <- r.URL.RawQuery
	}))
	t.Cleanup(func() { bot.CloseClientConnections(); bot.Close() })
	d, l := newListedDoor(t, statusSite)
	d.latch.Setenv("BOT", strings.TrimPrefix(bot.URL, "http://"))
	d.latch.Run()
	l.publish(t, d, 0, map[string]any{"ttl": 5}) // ten seconds is as short as it gets
	open := func(index int, query string) <-chan error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.latch.URL+"/door?"+query, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+d.listed(t, l.URL+"/lists/1", index))
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK {
			t.Fatalf("status %d", res.StatusCode)
		}
		ended := make(chan error, 1)
		go func() {
			defer res.Body.Close()
			_, err := io.Copy(io.Discard, res.Body)
			ended <- err
		}()
		return ended
	}
	turned, other := open(0, "turned"), open(15, "other")
	l.publish(t, d, 1, nil)
	select {
	case err := <-turned:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it is still open")
	}
	if got := <-gone; got != "turned" {
		t.Errorf("the bot's side of %s closed", got)
	}
	select {
	case err := <-other:
		t.Errorf("the other one ended: %v", err)
	default:
	}
	_, metrics := d.latch.Ask(t, http.MethodGet, "/metrics", "")
	for _, want := range []string{`botlatch_streams_ended_total{cause="revoked"} 1`, "botlatch_open_streams 1"} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
}
