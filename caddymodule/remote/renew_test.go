package remote

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAllWaitersShareOneRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a"))
		d := keep(t, p, Options{})
		gets(t, d, "a")
		time.Sleep(time.Minute)
		p.changes(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Second)
			_, _ = w.Write([]byte("b"))
		})
		var callers sync.WaitGroup
		for i := range 1000 {
			callers.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond / 2) // some while it is under way
				if got, err := d.Renew(t.Context()); got != "b" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
			})
		}
		callers.Wait()
		if n := len(p.times(1)); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

func TestCallersCannotCauseMoreThanOneFetchInMinAge(t *testing.T) {
	t.Parallel()
	for name, fetch := range map[string]http.HandlerFunc{"ok/it answers": says("a"), "deny/it fails": fails} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := startPublisher(t, says("a"))
				d := keep(t, p, Options{MinAge: 10 * time.Second})
				gets(t, d, "a")
				p.changes(fetch)
				began := time.Now()
				for time.Since(began) < 5*time.Minute {
					if got, err := d.Renew(t.Context()); got != "a" || err != nil {
						t.Fatalf("the last good value: %q, %v", got, err)
					}
					time.Sleep(10 * time.Millisecond)
				}
				asked := p.times(1)
				most := 30
				if name == "deny/it fails" {
					most += 11 // its own tries, whoever asks
				}
				if len(asked) < 20 || len(asked) > most {
					t.Errorf("%d fetches in five minutes", len(asked))
				}
			})
		})
	}
}

func TestRenewIsOneFetchWhenItsTimeHasComeAnyway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		p := startPublisher(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strconv.FormatInt(n.Add(1), 10) + " 10s"))
		})
		d := keep(t, p, Options{MinAge: 10 * time.Second})
		gets(t, d, "1")
		for i := range 20 {
			time.Sleep(10 * time.Second)
			_, _ = d.Renew(t.Context())
			synctest.Wait()
			if got := len(p.times(0)); got != i+2 {
				t.Fatalf("%d fetches in %d ages", got, i+1)
			}
		}
	})
}

func TestNobodyWaitsLongerThanTwoSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(4 * time.Second)
			_, _ = w.Write([]byte("a"))
		}
		p := startPublisher(t, slow)
		d := keep(t, p, Options{})
		began := time.Now()
		gets(t, d, "")
		if took := time.Since(began); took != patience {
			t.Errorf("the first caller waited %v", took)
		}
		hurried, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := d.Get(hurried); err == nil || time.Since(began) != patience+100*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		gets(t, d, "a") // within its own two seconds
		time.Sleep(time.Minute)
		began = time.Now()
		if got, err := d.Renew(t.Context()); got != "a" || err != nil || time.Since(began) != patience {
			t.Errorf("the last good value: %q, %v after %v", got, err, time.Since(began))
		}
	})
}

func TestWithNothingUnderWayNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, fails)
		d := keep(t, p, Options{})
		synctest.Wait()
		began := time.Now()
		for range 100 {
			gets(t, d, "")
		}
		if took := time.Since(began); took != 0 || len(p.times(0)) != 1 {
			t.Errorf("waited %v for %d fetches", took, len(p.times(0)))
		}
	})
}

func TestAFetchThatBeganBeforeIsFollowedByOneMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a 100s"))
		d := keep(t, p, Options{})
		gets(t, d, "a")
		synctest.Wait()
		p.changes(func(w http.ResponseWriter, _ *http.Request) { // the planned one, which is slow
			p.changes(says("c 100s")) // and what it says is old when it comes
			time.Sleep(time.Second)
			_, _ = w.Write([]byte("b 100s"))
		})
		time.Sleep(time.Until(d.State().NextAt) + 500*time.Millisecond)
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() {
				if got, err := d.Renew(t.Context()); got != "c" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
			})
		}
		callers.Wait()
		if n := len(p.times(1)); n != 2 {
			t.Errorf("%d fetches, want the planned one and one more", n)
		}
	})
}
