package remote

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// drawer is a Saver in memory.
type drawer struct {
	mu   sync.Mutex
	body []byte
	at   time.Time
	err  error
}

func (d *drawer) Load(context.Context, string) ([]byte, time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.body == nil {
		return nil, time.Time{}, errors.New("nothing there")
	}
	return d.body, d.at, d.err
}

func (d *drawer) Save(_ context.Context, _ string, body []byte, at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.body, d.at = body, at
	}
	return d.err
}

func TestARestartSurvivesAnOutage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		saved     string
		age       time.Duration
		publisher string // empty: fails
		at        time.Duration
		want      string
		asked     int // until then
	}{
		"ok/fresh, and nobody is asked":     {"a 1h", 10 * time.Minute, "b", time.Second, "a", 0},
		"ok/fresh, and refreshed in time":   {"a 1h", 50 * time.Minute, "b", 10 * time.Minute, "b", 1},
		"ok/stale, and a newer one counts":  {"a 1m", 10 * time.Minute, "b", time.Second, "b", 1},
		"ok/stale, in an outage":            {"a 1m", 10 * time.Minute, "", time.Millisecond, "a", 1},
		"ok/of a clock that was ahead":      {"a 1m", -10 * time.Hour, "b", time.Millisecond, "a", 0},
		"deny/too old, in an outage":        {"a 1m", 2 * time.Hour, "", time.Millisecond, "", 1},
		"deny/too old after a while":        {"a 1m", 50 * time.Minute, "", 12 * time.Minute, "", 1},
		"deny/not understood, in an outage": {"rubbish", 0, "", time.Millisecond, "", 1},
		"deny/nothing, in an outage":        {"", 0, "", time.Millisecond, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				saver := &drawer{at: time.Now().Add(-c.age)}
				if c.saved != "" {
					saver.body = []byte(c.saved)
				}
				p := startPublisher(t, fails)
				if c.publisher != "" {
					p.changes(says(c.publisher))
				}
				d := keep(t, p, Options{Saved: saver, MaxStale: time.Hour})
				time.Sleep(c.at)
				synctest.Wait()
				gets(t, d, c.want)
				if n := len(p.times(0)); n < c.asked || c.asked == 0 && n > 0 {
					t.Errorf("asked %d times", n)
				}
			})
		})
	}
}

func TestWhatIsStaleIsNotUsedBeforeTheFetchHasFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		saver := &drawer{body: []byte("a 1m"), at: time.Now().Add(-10 * time.Minute)}
		p := startPublisher(t, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			fails(w, r)
		})
		d := keep(t, p, Options{Saved: saver, MaxStale: time.Hour})
		hurried, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if got, err := d.Get(hurried); err == nil {
			t.Errorf("%q counts, and the publisher may say another thing", got)
		}
		gets(t, d, "a")
	})
}

func TestWhatWasFetchedIsSaved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		saver := new(drawer)
		p := startPublisher(t, says("a 1h"))
		d := keep(t, p, Options{Saved: saver})
		gets(t, d, "a")
		if body, at, _ := saver.Load(t.Context(), ""); string(body) != "a 1h" || !at.Equal(began) {
			t.Errorf("%q at %v", body, at)
		}
		p.changes(says("rubbish"))
		time.Sleep(2 * time.Hour)
		if body, _, _ := saver.Load(t.Context(), ""); string(body) != "a 1h" {
			t.Errorf("%q was saved", body)
		}
	})
}

func TestASaverThatFailsIsToldOf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a 1h"))
		d := keep(t, p, Options{Saved: &drawer{err: errors.New("no room")}})
		gets(t, d, "a")
		if s := d.State(); !s.Known || s.Err == nil {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Minute)
		if n := len(p.times(0)); n != 1 {
			t.Errorf("fetched %d times, though only the saving failed", n)
		}
	})
}
