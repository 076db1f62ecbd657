package caddymodule_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/goleak"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// openedUnder is a stream, and the realm of the configuration that let it in.
type openedUnder struct {
	realm string
	res   *http.Response
	ended <-chan end
}

// openUntil opens streams until stop is closed, some at a time.
func (s *reloader) openUntil(stop <-chan struct{}, token string, opened chan<- openedUnder) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(5 * time.Millisecond):
		}
		r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.addr+s.path, http.NoBody)
		if err != nil {
			s.t.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := s.requests.Do(r)
		if err != nil {
			continue // a connection that Caddy dropped while it changed listeners
		}
		if res.StatusCode != http.StatusOK { // cut before it was answered
			_ = res.Body.Close()
			continue
		}
		opened <- openedUnder{res.Header.Get("X-Realm"), res, ending(res)}
	}
}

// TestReloadsEndTheStreamsOfTheConfigurationBefore, and none of the one that comes, however close they are. Nothing is
// left behind.
func TestReloadsEndTheStreamsOfTheConfigurationBefore(t *testing.T) {
	key, bot := latchtest.NewKey(t, jose.EdDSA), startStreamBot(t)
	s := &reloader{t: t, dir: t.TempDir(), addr: latchtest.FreeAddress(t), keys: key.File, bot: trimScheme(bot.URL), path: "/events"}
	before := goleak.IgnoreCurrent()
	token := key.Mint(t, issue.Token{Issuer: "own", Subject: "ana of the reloads", Scope: []string{"observe"}})

	var open []openedUnder
	for i := range reloads {
		realm := fmt.Sprintf("reload-%d", i)
		stop, opened := make(chan struct{}), make(chan openedUnder, 1000)
		var openers sync.WaitGroup
		if i > 0 {
			for range 2 {
				openers.Go(func() { s.openUntil(stop, token, opened) })
			}
		}
		if err := s.load(realm); err != nil {
			t.Fatal(err)
		}
		reloaded := time.Now()
		if i == 0 {
			openers.Go(func() { s.openUntil(stop, token, opened) })
		}
		time.Sleep(10 * time.Millisecond)
		close(stop)
		openers.Wait()
		close(opened)
		for o := range opened {
			open = append(open, o)
		}
		open = s.sort(open, realm, reloaded)
	}
	if len(open) == 0 {
		t.Error("nothing was open at the end")
	}
	if err := caddy.Stop(); err != nil {
		t.Error(err)
	}
	for _, o := range open {
		await(t, o.ended)
	}
	eventually(t, "nothing is open", func() bool { return app.Streams().Len() == 0 && bot.allOpen() == 0 })
	s.requests.CloseIdleConnections()
	bot.CloseClientConnections()
	keeper := goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.keepLockfileFresh")
	if err := goleak.Find(before, keeper); err != nil {
		t.Errorf("after %d reloads: %v", reloads, err)
	}
}

// sort keeps the streams of the configuration that serves, which must be open, and awaits the end of the others.
func (s *reloader) sort(all []openedUnder, realm string, reloaded time.Time) (kept []openedUnder) {
	for _, o := range all {
		if o.realm == realm {
			select {
			case e := <-o.ended:
				s.t.Errorf("a stream of %s, which serves, ended with %s", realm, e.how)
			default:
				kept = append(kept, o)
			}
			continue
		}
		e := await(s.t, o.ended)
		if e.how != io.EOF.Error() {
			s.t.Errorf("a stream of %s ended with %s under %s", o.realm, e.how, realm)
		}
		soon(s.t, reloaded, e.at)
	}
	return kept
}
