package app

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// distant is a store that follows on while it has lost touch.
type distant struct {
	fickle

	mu    sync.Mutex
	since time.Time
}

func (d *distant) Open(context.Context) (revocation.Store, error) { return d, nil }

func (d *distant) Trouble() (time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.since, errors.New("out of reach")
}

// lost sets since when it has lost touch; the zero time ends that.
func (d *distant) lost(since time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.since = since
}

// followedApp is an app with one open store, and a token that nobody revoked.
func followedApp(t *testing.T, opener revocation.Opener, longest time.Duration) (*App, *accesstoken.Token) {
	t.Helper()
	f, err := open(opener)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Destruct() })
	if err := f.waitLoaded(); err != nil {
		t.Fatal(err)
	}
	a := &App{MaxStaleness: caddy.Duration(longest), MaxEntries: 1, loaded: make(chan struct{}), stores: []*storeRef{{followed: f}}}
	close(a.loaded)
	return a, &accesstoken.Token{Names: revocation.NewNames(t.Name(), time.Now(), [revocation.NumKinds]string{})}
}

func TestAListThatIsTooOldLetsNobodyIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &distant{fickle: fickle{entry: revocation.Entry{
			Kind: revocation.KindToken, Issuer: "staleness", Value: "jti", At: time.Now(),
		}}}
		a, token := followedApp(t, store, 30*time.Second)
		ask := func() error { return a.CheckRevoked(t.Context(), token, time.Now()) }
		if err := ask(); err != nil {
			t.Fatalf("fresh: %v", err)
		}
		store.lost(time.Now())
		time.Sleep(time.Second) // in which the app must have noticed
		if _, err := a.stores[0].followed.state(); err == nil {
			t.Error("not noticed within a second")
		}
		if err := ask(); err != nil {
			t.Errorf("the last list counts for a while: %v", err)
		}
		time.Sleep(28 * time.Second)
		if err := ask(); err != nil {
			t.Errorf("a second before its end: %v", err)
		}
		time.Sleep(2 * time.Second)
		if err := ask(); deny.ReasonOf(err) != deny.Unavailable {
			t.Errorf("too old: %v", err)
		}
		revoked := &accesstoken.Token{Names: revocation.NewNames("staleness", time.Now(),
			[revocation.NumKinds]string{revocation.KindToken: "jti"})}
		if err := a.CheckRevoked(t.Context(), revoked, time.Now()); deny.ReasonOf(err) != deny.Revoked {
			t.Errorf("what is known to be revoked stays so: %v", err)
		}
		a.MaxStaleness = -1
		if err := ask(); err != nil {
			t.Errorf("none means for ever: %v", err)
		}
		a.MaxStaleness = caddy.Duration(30 * time.Second)
		store.lost(time.Time{})
		time.Sleep(askEvery)
		synctest.Wait()
		if err := ask(); err != nil {
			t.Errorf("it does not recover: %v", err)
		}
		if got := stale(time.Now()); got != 0 {
			t.Errorf("stale for %v", got)
		}
	})
}

func TestTroubleCountsFromItsBeginning(t *testing.T) {
	t.Parallel()
	began := time.Now()
	f := &followed{resource: "test"}
	for i := range 3 {
		f.failed(trouble{began.Add(time.Duration(i) * time.Minute), errors.New("no answer")})
	}
	if got := f.trouble.Load().since; !got.Equal(began) {
		t.Errorf("since %v, want %v", got, began)
	}
}

func TestAFullListTakesNoMore(t *testing.T) {
	t.Parallel()
	a := &App{MaxEntries: 1, loaded: make(chan struct{})}
	close(a.loaded)
	store := &kept{}
	a.stores = []*storeRef{{followed: &followed{resource: "test", store: store}}}
	entry := revocation.Entry{Kind: revocation.KindToken, Value: "jti", At: time.Now()}
	if err := a.add(t.Context(), entry, entry); !errors.Is(err, ErrFull) || store.adds != 0 {
		t.Errorf("error %v after %d writes", err, store.adds)
	}
}

// kept counts what is written to it.
type kept struct {
	fickle

	adds int
}

func (k *kept) Add(context.Context, ...revocation.Entry) error { k.adds++; return nil }

func (k *kept) Remove(context.Context, ...revocation.Entry) error { return nil }
