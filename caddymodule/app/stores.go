package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/internal/poolref"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// patience is how long a request waits while the list is being loaded.
const patience = time.Second

// defaultStore is the store of a configuration that names none.
const defaultStore = "botlatch.revocation_stores.bolt"

// storeRef is one configured store: this instance's reference to the open one.
type storeRef struct {
	ref      poolref.Ref[*followed]
	followed *followed
}

// provisionStores makes the openers. Nothing is opened.
func (a *App) provisionStores(ctx caddy.Context) error {
	var modules []any
	if len(a.StoresRaw) == 0 {
		m, err := ctx.LoadModuleByID(defaultStore, json.RawMessage(`{}`))
		if err != nil {
			return fmt.Errorf("loading the default revocation store: %w", err)
		}
		modules = []any{m}
	} else {
		loaded, err := ctx.LoadModule(a, "StoresRaw")
		if err != nil {
			return fmt.Errorf("loading revocation stores: %w", err)
		}
		modules = loaded.([]any)
	}
	seen := make(map[string]bool)
	for _, m := range modules {
		opener, ok := m.(revocation.Opener)
		if !ok {
			return fmt.Errorf("module %T is no revocation store", m)
		}
		if seen[opener.Resource()] {
			return fmt.Errorf("revocation store %s stands twice", opener.Resource())
		}
		seen[opener.Resource()] = true
		a.openers = append(a.openers, opener)
	}
	return nil
}

// openStores opens what is not open yet and waits until each was read once.
func (a *App) openStores() error {
	for _, opener := range a.openers {
		s := new(storeRef)
		a.stores = append(a.stores, s)
		f, err := s.ref.Acquire(pool, opener.Resource(), func() (*followed, error) { return open(opener) })
		if err != nil {
			return fmt.Errorf("opening revocation store %s: %w", opener.Resource(), err)
		}
		s.followed = f
	}
	for _, s := range a.stores {
		if err := s.followed.waitLoaded(); err != nil {
			return fmt.Errorf("reading revocation store %s: %w", s.followed.resource, err)
		}
	}
	close(a.loaded)
	return nil
}

// ready waits, briefly, until every store was read once.
func (a *App) ready(ctx context.Context) error {
	select {
	case <-a.loaded:
		return nil
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-a.loaded:
		return nil
	case <-ctx.Done():
		return deny.Because(deny.Unavailable, context.Cause(ctx))
	case <-timer.C:
		return deny.Because(deny.Unavailable, errNotLoaded)
	}
}

var errNotLoaded = errors.New("the revocation list is not loaded yet")
