package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// fickle is a store that cannot be followed the first times.
type fickle struct {
	failures int
	entry    revocation.Entry
}

func (f *fickle) Resource() string                               { return "fickle" }
func (f *fickle) Open(context.Context) (revocation.Store, error) { return f, nil }
func (f *fickle) Close() error                                   { return nil }

func (f *fickle) Page(context.Context, string, int) ([]revocation.Entry, string, error) {
	return nil, "", nil
}

func (f *fickle) Follow(ctx context.Context, loaded func(), add, _ func(...revocation.Entry)) error {
	if f.failures > 0 {
		f.failures--
		return errors.New("no answer")
	}
	add(f.entry)
	loaded()
	<-ctx.Done()
	return nil
}

func TestAStoreIsFollowedAgainUntilItCanBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := process.list.Len()[revocation.KindToken]
		entry := revocation.Entry{Kind: revocation.KindToken, Issuer: t.Name(), Value: "jti", At: time.Now()}
		f, err := open(&fickle{failures: 3, entry: entry})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if loadedAt, err := f.state(); err == nil || !loadedAt.IsZero() {
			t.Errorf("loaded at %v, error %v, before it could be followed", loadedAt, err)
		}
		if err := f.waitLoaded(); err != nil {
			t.Errorf("not loaded: %v", err)
		}
		if _, err := f.state(); err != nil {
			t.Errorf("still %v", err)
		}
		if got := process.list.Len()[revocation.KindToken]; got != before+1 {
			t.Errorf("%d entries, want %d", got, before+1)
		}
		if err := f.Destruct(); err != nil {
			t.Error(err)
		}
		if got := process.list.Len()[revocation.KindToken]; got != before+1 {
			t.Error("the entry went with the store")
		}
	})
}

func TestAStoreThatCannotBeReadIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, err := open(&fickle{failures: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.waitLoaded(); !errors.Is(err, errNotLoaded) {
			t.Errorf("got %v", err)
		}
		if err := f.Destruct(); err != nil {
			t.Error(err)
		}
	})
}
