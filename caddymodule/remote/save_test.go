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
	mu    sync.Mutex
	saved Saved
	err   error
}

func (d *drawer) Load(context.Context, string) (Saved, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.saved.Body == nil {
		return Saved{}, errors.New("nothing there")
	}
	return d.saved, d.err
}

func (d *drawer) Save(_ context.Context, _ string, s Saved) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.saved = s
	}
	return d.err
}

func TestARestartSurvivesAnOutage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		saved     string
		age       time.Duration
		fresh     time.Duration
		publisher string // empty: fails
		at        time.Duration
		want      string
		asked     int // until then
	}{
		"ok/fresh, and nobody is asked":     {"a 1h", 10 * time.Minute, 0, "b", time.Second, "a", 0},
		"ok/fresh, and refreshed in time":   {"a 1h", 50 * time.Minute, 0, "b", 10 * time.Minute, "b", 1},
		"ok/stale, and a newer one counts":  {"a 1m", 10 * time.Minute, 0, "b", time.Second, "b", 1},
		"ok/stale, in an outage":            {"a 1m", 10 * time.Minute, 0, "", time.Millisecond, "a", 1},
		"ok/of the future, and a newer one": {"a 1h", -10 * time.Hour, 0, "b", time.Second, "b", 1},
		"ok/of the future, in an outage":    {"a 1h", -10 * time.Hour, 0, "", time.Hour, "a", 1},
		"deny/of the future, after a while": {"a 1h", -10 * time.Hour, 0, "", 2*time.Hour + time.Second, "", 1},
		"ok/fresh as was noted":             {"a", 10 * time.Minute, 30 * time.Minute, "b", time.Second, "a", 0},
		"ok/stale as was noted":             {"a", 10 * time.Minute, time.Minute, "b", time.Second, "b", 1},
		"ok/the body overrides the note":    {"a 1h", 10 * time.Minute, time.Minute, "b", time.Second, "a", 0},
		"deny/too old as was noted":         {"a", 65 * time.Minute, time.Minute, "", time.Second, "", 1},
		"deny/too old, in an outage":        {"a 1m", 2 * time.Hour, 0, "", time.Millisecond, "", 1},
		"deny/too old after a while":        {"a 1m", 50 * time.Minute, 0, "", 12 * time.Minute, "", 1},
		"deny/not understood, in an outage": {"rubbish", 0, 0, "", time.Millisecond, "", 1},
		"deny/nothing, in an outage":        {"", 0, 0, "", time.Millisecond, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				saver := &drawer{saved: Saved{FetchedAt: time.Now().Add(-c.age), Fresh: c.fresh}}
				if c.saved != "" {
					saver.saved.Body = []byte(c.saved)
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
		saver := &drawer{saved: Saved{Body: []byte("a 1m"), FetchedAt: time.Now().Add(-10 * time.Minute)}}
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
		synctest.Wait()
		if got, _ := saver.Load(t.Context(), ""); string(got.Body) != "a 1h" || !got.FetchedAt.Equal(began) || got.Fresh != time.Hour {
			t.Errorf("%q at %v", got.Body, got.FetchedAt)
		}
		p.changes(says("rubbish"))
		time.Sleep(2 * time.Hour)
		if got, _ := saver.Load(t.Context(), ""); string(got.Body) != "a 1h" {
			t.Errorf("%q was saved", got.Body)
		}
	})
}

// slowDrawer keeps nothing, and takes all the time that there is for it.
type slowDrawer struct{}

func (slowDrawer) Load(context.Context, string) (Saved, error) {
	return Saved{}, errors.New("nothing there")
}

func (slowDrawer) Save(ctx context.Context, _ string, _ Saved) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestNobodyWaitsForASaverThatIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a 1h"))
		d := keep(t, p, Options{Saved: slowDrawer{}})
		gets(t, d, "a")
		time.Sleep(time.Minute)
		if s := d.State(); !s.Known || s.Err == nil || time.Until(s.NextAt) < 40*time.Minute {
			t.Errorf("%+v", s)
		}
		p.changes(says("b 1h"))
		if got, err := d.Renew(t.Context()); got != "b" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestASaverThatFailsIsToldOf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a 1h"))
		d := keep(t, p, Options{Saved: &drawer{err: errors.New("no room")}})
		gets(t, d, "a")
		synctest.Wait()
		if s := d.State(); !s.Known || s.Err == nil {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Minute)
		if n := len(p.times(0)); n != 1 {
			t.Errorf("fetched %d times, though only the saving failed", n)
		}
	})
}
