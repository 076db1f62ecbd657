package redisstore

import (
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func token(id string) revocation.Entry {
	return revocation.Entry{Kind: revocation.KindToken, Issuer: "https://id.example.com/", Value: id, At: noon}
}

// open opens a store as the configuration does.
func openStore(t testing.TB, c Config) *store {
	t.Helper()
	if err := c.Provision(caddy.Context{}); err != nil {
		t.Fatal(err)
	}
	opened, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := opened.(*store)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// at is a configuration for a server at an address.
func at(address string) Config { return Config{URL: "redis://" + address} }

// latch is a list that follows a store, as a latch does.
type latch struct {
	*store

	list revocation.List
}

// startLatch follows until the test ends.
func startLatch(t testing.TB, c Config) *latch {
	t.Helper()
	l := &latch{store: openStore(t, c)}
	source, err := l.list.Source("test")
	if err != nil {
		t.Fatal(err)
	}
	loaded, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- l.Follow(t.Context(), func() { close(loaded) }, source.Add, source.Remove)
	}()
	select {
	case <-loaded:
	case err := <-ended:
		t.Fatalf("Follow = %v", err)
	case <-time.After(20 * time.Second):
		_, why := l.Trouble()
		t.Fatalf("not loaded: %v", why)
	}
	return l
}

// revoked reports whether the latch refuses the token of an entry.
func (l *latch) revoked(e revocation.Entry) bool {
	var values [revocation.NumKinds]string
	values[e.Kind] = e.Value
	_, revoked := l.list.Revoked(revocation.NewNames(e.Issuer, noon, values))
	return revoked
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, within time.Duration, holds func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for time.Since(began) < within {
		if holds() {
			return time.Since(began)
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatalf("not within %s: %s", within, what)
	return 0
}

func (l *latch) inTrouble() bool { since, _ := l.Trouble(); return !since.IsZero() }

func TestKeepsTheContract(t *testing.T) {
	t.Parallel()
	c := at(latchtest.StartRedis(t).Address)
	latchtest.Store(t, func(t *testing.T) revocation.Store {
		t.Helper()
		return openStore(t, c)
	})
}
