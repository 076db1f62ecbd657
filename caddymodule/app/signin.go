package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// SignIn is what the app asks of a site on which browsers may sign in.
type SignIn interface {
	// Origins are those at which the site is known to be reached, as browsers write them (RFC 6454 §6.2). None: any host is
	// served, and nobody knows by which name.
	Origins() []string
	// Serves reports whether the site can be reached at an origin.
	Serves(origin string) bool
	// Invitation is how long a browser stays signed in that an invitation let in; 0: the site takes none.
	Invitation() time.Duration
	// Stands reports whether a session of the site is still signed by a key that counts. An error: it is not known.
	Stands(ctx context.Context, t *accesstoken.Token) (bool, error)
}

// ErrNoKeeper is the answer when no configured store keeps records.
var ErrNoKeeper = errors.New("no revocation store of this configuration keeps invitations and sessions: add one, such as " +
	"`revocation bolt`")

// signIns are the sites on which browsers may sign in.
func (a *App) signIns() (all []SignIn) {
	for _, s := range a.sites {
		if in := s.SignsIn(); in != nil {
			all = append(all, in)
		}
	}
	return all
}

// origins are those at which such sites are known to be reached, each once.
func (a *App) origins() []string {
	var all []string
	for _, in := range a.signIns() {
		all = append(all, in.Origins()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// serves reports whether a site on which browsers may sign in is reached at an origin.
func (a *App) serves(origin string) bool {
	return slices.ContainsFunc(a.signIns(), func(in SignIn) bool { return in.Serves(origin) })
}

// keeper is the first store that keeps records.
func (a *App) keeper(ctx context.Context) (*followed, revocation.Keeper, error) {
	if err := a.ready(ctx); err != nil {
		return nil, nil, err
	}
	for _, s := range a.stores {
		if k, ok := s.followed.store.(revocation.Keeper); ok {
			return s.followed, k, nil
		}
	}
	return nil, nil, ErrNoKeeper
}

// checkKeeper refuses sites on which browsers may sign in and that no store could sign out again.
func (a *App) checkKeeper() error {
	if len(a.signIns()) == 0 {
		return nil
	}
	for _, s := range a.stores {
		if _, ok := s.followed.store.(revocation.Keeper); ok {
			return nil
		}
	}
	return fmt.Errorf("sign_in: %w", ErrNoKeeper)
}

// records are all of a drawer, in no order; never nil without an error.
func records[T any](ctx context.Context, a *App, drawer revocation.Drawer) ([]T, error) {
	f, keeper, err := a.keeper(ctx)
	if err != nil {
		return nil, err
	}
	found, err := keeper.Records(ctx, drawer)
	if err != nil {
		return nil, fmt.Errorf("reading revocation store %s: %w", f.resource, err)
	}
	all := make([]T, 0, len(found))
	for _, b := range found {
		var one T
		if err := json.Unmarshal(b, &one); err != nil {
			return nil, fmt.Errorf("a record of revocation store %s is damaged", f.resource)
		}
		all = append(all, one)
	}
	return all, nil
}
