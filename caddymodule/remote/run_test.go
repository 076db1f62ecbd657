package remote

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestDocumentIsRefreshedBeforeItIsStale(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body        string
		least, most time.Duration
	}{
		"ok/as it says":       {"a 100s", 80 * time.Second, 90 * time.Second},
		"ok/too often":        {"a 1s", 10 * time.Second, 10 * time.Second},
		"ok/seldom":           {"a 100h", 48 * time.Minute, 54 * time.Minute},
		"ok/it does not say":  {"a", 48 * time.Minute, 54 * time.Minute},
		"ok/a negative time":  {"a -5s", 48 * time.Minute, 54 * time.Minute},
		"ok/just the minimum": {"a 11s", 10 * time.Second, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := startPublisher(t, says(c.body))
				d := keep(t, p, Options{})
				gets(t, d, "a")
				time.Sleep(10*c.most + time.Second)
				asked := p.times(0)
				if len(asked) < 10 {
					t.Fatalf("asked %d times", len(asked))
				}
				for i := range asked[1:] {
					if gap := asked[i+1].Sub(asked[i]); gap < c.least || gap > c.most {
						t.Errorf("asked after %v, want %v to %v", gap, c.least, c.most)
					}
				}
				gets(t, d, "a")
			})
		})
	}
}

func TestAChangeIsSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a 60s"))
		d := keep(t, p, Options{})
		gets(t, d, "a")
		p.changes(says("b 60s"))
		gets(t, d, "a")
		time.Sleep(55 * time.Second)
		gets(t, d, "b")
	})
}

func TestLastGoodOutlivesAnOutageForAWhile(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]http.HandlerFunc{"it fails": fails, "it says what is not understood": says("rubbish")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				p := startPublisher(t, says("a 100s"))
				d := keep(t, p, Options{MaxStale: 10 * time.Minute})
				gets(t, d, "a")
				p.changes(outage)
				time.Sleep(time.Until(began.Add(700*time.Second - time.Millisecond)))
				gets(t, d, "a")
				if s := d.State(); !s.Known || s.Err == nil || !s.FetchedAt.Equal(began) {
					t.Errorf("%+v", s)
				}
				time.Sleep(2 * time.Millisecond)
				gets(t, d, "")
				if d.State().Known {
					t.Error("known, and too old")
				}
				p.changes(says("b 100s"))
				time.Sleep(lastRetry * 5 / 4)
				gets(t, d, "b")
				if s := d.State(); !s.Known || s.Err != nil {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

func TestForEverIsForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a"))
		d := keep(t, p, Options{MaxStale: -1})
		gets(t, d, "a")
		p.changes(fails)
		time.Sleep(48 * time.Hour)
		gets(t, d, "a")
	})
}

func TestFailedFetchesComeLessAndLessOften(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first http.HandlerFunc
		last  time.Duration
	}{"ok/a value is known": {says("a 100s"), lastRetry}, "deny/nothing is known": {fails, lastRetryBare}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := startPublisher(t, c.first)
				d := keep(t, p, Options{})
				_, _ = d.Get(t.Context())
				p.changes(fails)
				time.Sleep(10 * time.Minute)
				asked := p.times(0)
				if d.State().Known {
					asked = asked[1:] // from the first that failed
				}
				want, different := firstRetry, map[float64]bool{}
				for i := range asked[1:] {
					gap := asked[i+1].Sub(asked[i])
					different[float64(gap)/float64(want)] = true
					if gap < want*3/4 || gap > want*5/4 {
						t.Errorf("try %d after %v, want about %v", i+1, gap, want)
					}
					want = min(2*want, c.last)
				}
				if len(asked) < 10 || len(different) < 6 {
					t.Errorf("asked %d times, at %d different paces", len(asked), len(different))
				}
			})
		})
	}
}

func TestAnAnswerThatNeverEndsIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("a"))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		d := keep(t, p, Options{})
		time.Sleep(5*time.Second + time.Millisecond)
		if d.State().Err == nil {
			t.Error("it still waits after its five seconds")
		}
	})
}

func TestWhoWaitsIsLetGoWhenItEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		d, err := New("http://localhost/", parse, Options{InsecureLoopback: true})
		if err != nil {
			t.Fatal(err)
		}
		d.transport.DialContext = p.dial
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { d.Run(ctx) })
		running.Go(func() { gets(t, d, "") })
		synctest.Wait()
		began := time.Now()
		stop()
		running.Wait()
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v to end", took)
		}
		time.Sleep(time.Hour)
		if v, err := d.Renew(t.Context()); v != "" || err == nil {
			t.Errorf("renewed after the end: %q, %v", v, err)
		}
		if took := time.Since(began); took != time.Hour {
			t.Errorf("a caller waited for what never comes")
		}
	})
}
