package remote

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestAClockThatWasSetOrAMachineThatSlept: while it sleeps neither timers nor the steady clock go on, and afterwards the wall clock
// has jumped.
func TestAClockThatWasSetOrAMachineThatSlept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		saved     string // a minute before
		jump      time.Duration
		publisher http.HandlerFunc // afterwards
		want      string
	}{
		"ok/slept, and a newer one is fetched at once":    {"", 5 * time.Hour, says("b 1h"), "b"},
		"ok/slept too long, and a newer one is fetched":   {"", 1000 * time.Hour, says("b 1h"), "b"},
		"ok/slept, in an outage":                          {"", 5 * time.Hour, fails, "a"},
		"deny/slept too long, in an outage":               {"", 26 * time.Hour, fails, ""},
		"ok/started with the clock behind, and it is set": {"a 1h", 1000 * time.Hour, says("b 1h"), "b"},
		"deny/the same, in an outage":                     {"a 1h", 1000 * time.Hour, fails, ""},
		"ok/put back":                                     {"", -1000 * time.Hour, says("b 1h"), "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				options := Options{}
				if c.saved != "" {
					options.Saved = &drawer{saved: Saved{Body: []byte(c.saved), FetchedAt: time.Now().Add(-time.Minute)}}
				}
				p := startPublisher(t, says("a 1h"))
				d := keep(t, p, options)
				time.Sleep(time.Minute)
				gets(t, d, "a")
				p.changes(c.publisher)
				d.jumped.Store(int64(c.jump))
				time.Sleep(lookAtClock + time.Second)
				gets(t, d, c.want)
			})
		})
	}
}

// TestAFetchIsNotPutOffWhenTheClockIsPutBack: the timer goes on.
func TestAFetchIsNotPutOffWhenTheClockIsPutBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a 1h"))
		d := keep(t, p, Options{})
		gets(t, d, "a")
		p.changes(says("b 1h"))
		d.jumped.Store(-int64(1000 * time.Hour))
		time.Sleep(time.Hour)
		gets(t, d, "b")
	})
}
