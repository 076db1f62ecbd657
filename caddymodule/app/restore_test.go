package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/revocation"
	"github.com/botlatch/botlatch/caddymodule/revocation/boltstore"
)

// appWithStore is an app with a bolt store of its own, outside of Caddy.
func appWithStore(t *testing.T) *App {
	t.Helper()
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	t.Cleanup(cancel)
	config := &boltstore.Config{Path: t.TempDir() + "/revocations.db"}
	if err := config.Provision(ctx); err != nil {
		t.Fatal(err)
	}
	f, err := open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Destruct(); err != nil {
			t.Error(err)
		}
	})
	if err := f.waitLoaded(); err != nil {
		t.Fatal(err)
	}
	a := &App{MaxEntries: defaultMaxEntries, loaded: make(chan struct{}), logger: caddy.Log(), stores: []*storeRef{{followed: f}}}
	close(a.loaded)
	return a
}

// slowToAnswer is a store whose Remove is done some time before it says so.
type slowToAnswer struct {
	revocation.Writer
	meanwhile func()
}

// Remove implements revocation.Writer.
func (s slowToAnswer) Remove(ctx context.Context, entries ...revocation.Entry) error {
	err := s.Writer.Remove(ctx, entries...)
	s.meanwhile()
	return err
}

// TestRestoreNeverUndoesALaterRevocation: between the moment at which the store took a name back and its answer,
// somebody else revokes it again and is told so. The name must be out in the end.
func TestRestoreNeverUndoesALaterRevocation(t *testing.T) {
	t.Parallel()
	a := appWithStore(t)
	req := Request{Kind: revocation.KindFingerprint, Value: "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"}
	if _, err := a.Revoke(t.Context(), req, "one"); err != nil {
		t.Fatal(err)
	}
	a.stores[0].followed.store = slowToAnswer{a.stores[0].followed.store.(revocation.Writer), func() {
		if _, err := a.Revoke(t.Context(), req, "the other"); err != nil {
			t.Error(err)
		}
	}}
	if _, err := a.Restore(t.Context(), req, "one"); err != nil {
		t.Fatal(err)
	}
	var values [revocation.NumKinds]string
	values[revocation.KindFingerprint] = req.Value
	if _, revoked := process.list.Revoked(revocation.NewNames("", time.Now(), values)); !revoked {
		t.Error("a token passes whose revocation was answered")
	}
}

func TestRestoreAsksForTheNameOnly(t *testing.T) {
	t.Parallel()
	a := appWithStore(t)
	now := time.Now()
	for name, req := range map[string]Request{
		"ok/all without a cut-off": {Kind: revocation.KindAll},
		"ok/a fingerprint":         {Kind: revocation.KindFingerprint, Value: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
	} {
		if _, err := a.name(t.Context(), req, now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.name(t.Context(), Request{}, now); err == nil {
		t.Error("no name at all is taken")
	}
}

func TestRefusesARevocationThatWouldNotLast(t *testing.T) {
	t.Parallel()
	a := appWithStore(t)
	req := Request{Kind: revocation.KindFingerprint, Value: "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCA", ExpiresAt: time.Now().Add(-time.Hour)}
	if _, err := a.Revoke(t.Context(), req, "test"); !errors.Is(err, ErrEntry) {
		t.Errorf("got %v", err)
	}
	if stored, _, err := a.Page(t.Context(), Filter{}, "", 10); err != nil || len(stored) > 0 {
		t.Errorf("stored %v, %v", stored, err)
	}
	req.ExpiresAt = time.Now().Add(time.Hour)
	if _, err := a.Revoke(t.Context(), req, "test"); err != nil {
		t.Errorf("one that lasts: %v", err)
	}
}

func TestRefusesAnIssuerThatIsNull(t *testing.T) {
	t.Parallel()
	var none *Issuer
	if _, err := new(App).Build(none); err == nil {
		t.Error("null is an issuer")
	}
}
