package caddymodule_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/goleak"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// refetcher is a reloader whose issuer publishes its keys, and takes its time.
type refetcher struct {
	*reloader

	upstream    *latchtest.Bot
	publisher   *latchtest.Publisher
	good        string       // a token
	begun, left atomic.Int64 // fetches, and those of them that were given up
}

func newRefetcher(t *testing.T) *refetcher {
	t.Helper()
	key := latchtest.NewKey(t, jose.EdDSA)
	s := &refetcher{
		reloader: &reloader{t: t, dir: t.TempDir(), addr: latchtest.FreeAddress(t)},
		upstream: latchtest.StartBot(t), publisher: latchtest.StartPublisher(t, key),
	}
	s.bot = s.upstream.Address()
	s.requests.Timeout = 10 * time.Second
	s.publisher.Slow(func(r *http.Request) {
		s.begun.Add(1)
		select {
		case <-r.Context().Done():
			s.left.Add(1)
		case <-time.After(30 * time.Millisecond):
		}
	})
	s.good = key.Mint(t, issue.Token{Issuer: s.publisher.URL, Subject: "ana", Audience: []string{"arm"}, Scope: []string{"observe"}})
	return s
}

// fetchEvery is the issuer's block with a cooldown.
func (s *refetcher) fetchEvery(cooldown time.Duration) {
	s.issuer = fmt.Sprintf("issuer %s {\nkeys discovery {\ntrusted_ca %s\ncooldown %s\n}\naudience arm\n}", s.publisher.URL, s.publisher.CA, cooldown)
}

// over ends it, and asserts that nothing of it is left.
func (s *refetcher) over(before goleak.Option) {
	s.t.Helper()
	if err := caddy.Stop(); err != nil {
		s.t.Error(err)
	}
	s.requests.CloseIdleConnections()
	s.upstream.CloseClientConnections()
	s.publisher.CloseClientConnections()
	// Caddy cleans its storage at start and holds a lock meanwhile, whose keeper looks up every 5 s.
	keeper := goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.keepLockfileFresh")
	if err := goleak.Find(before, keeper); err != nil {
		s.t.Errorf("after %d reloads: %v", reloads, err)
	}
}

// TestReloadsInTheMiddleOfRefreshesInterruptNone: keys are fetched anew every second all the while.
func TestReloadsInTheMiddleOfRefreshesInterruptNone(t *testing.T) {
	s := newRefetcher(t)
	s.publisher.CacheControl("max-age=1")
	s.fetchEvery(time.Second)
	before := goleak.IgnoreCurrent()
	if err := s.load("first"); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var drivers sync.WaitGroup
	for range 4 {
		drivers.Go(func() { s.drive(s.good, stop) })
	}
	for i := range reloads {
		if err := s.load(fmt.Sprintf("reload-%d", i)); err != nil {
			t.Errorf("reload %d: %v", i, err)
		}
		time.Sleep(time.Duration(i%10) * 10 * time.Millisecond)
	}
	close(stop)
	drivers.Wait()
	if s.answered.Load() < reloads || s.bad.Load() > 0 {
		t.Errorf("%d of %d requests were answered wrong", s.bad.Load(), s.answered.Load())
	}
	if n := s.begun.Load(); n < 6 || n > reloads || s.left.Load() > 0 {
		t.Errorf("%d fetches were begun, %d given up", n, s.left.Load())
	}
	s.over(before)
}

// TestAConfigurationThatIsGoneIsForgotten: the keys that it shares with the next one do not keep it, nor the tokens it remembers.
func TestAConfigurationThatIsGoneIsForgotten(t *testing.T) {
	s := newRefetcher(t)
	s.fetchEvery(time.Hour)
	before := goleak.IgnoreCurrent()
	if err := s.load("first"); err != nil {
		t.Fatal(err)
	}
	gone := weak.Make(app.Running())
	if err := s.load("second"); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); gone.Value() != nil; time.Sleep(50 * time.Millisecond) {
		if runtime.GC(); time.Now().After(deadline) {
			t.Fatal("the first configuration is still in memory")
		}
	}
	if got := s.status(s.good); got != http.StatusOK {
		t.Fatalf("status %d", got)
	}
	if n := s.begun.Load(); n != 2 {
		t.Errorf("%d fetches: the keys were not shared, and the test showed nothing", n)
	}
	s.over(before)
}

// TestReloadsThatGiveUpFetchesLeaveNothing: each configuration fetches keys of its own, and the next one comes before that has ended,
// or just after.
func TestReloadsThatGiveUpFetchesLeaveNothing(t *testing.T) {
	s := newRefetcher(t)
	before := goleak.IgnoreCurrent()
	for i := range reloads {
		s.fetchEvery(time.Second + time.Duration(i)*time.Millisecond)
		s.storage = filepath.Join(s.dir, fmt.Sprint(i)) // in which no keys are kept
		if err := s.load(fmt.Sprintf("reload-%d", i)); err != nil {
			t.Errorf("reload %d: %v", i, err)
		}
		time.Sleep(time.Duration(i%10) * 10 * time.Millisecond) // metadata and keys together take 60 ms
	}
	if got := s.status(s.good); got != http.StatusOK {
		t.Errorf("status %d", got)
	}
	if s.begun.Load() < reloads || s.left.Load() < reloads/10 {
		t.Errorf("%d fetches were begun, %d given up: the test showed nothing", s.begun.Load(), s.left.Load())
	}
	s.over(before)
}
