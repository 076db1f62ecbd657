package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// FindInvitation is the invitation of a secret at the site of origin, if it can still be taken.
func (a *App) FindInvitation(ctx context.Context, origin, secret string, now time.Time) (Invitation, error) {
	v, _, err := a.findInvitation(ctx, origin, secret, now)
	return v, err
}

func (a *App) findInvitation(ctx context.Context, origin, secret string, now time.Time) (v Invitation, record []byte, err error) {
	f, keeper, err := a.keeper(ctx)
	if err != nil {
		return v, nil, err
	}
	record, err = keeper.Record(ctx, revocation.Invitations, invitationKey(secret))
	switch {
	case err != nil:
		return v, nil, fmt.Errorf("reading revocation store %s: %w", f.resource, err)
	case record == nil || json.Unmarshal(record, &v) != nil || v.Site != origin:
		return v, nil, ErrNoInvitation
	case v.Taken != nil:
		return v, nil, ErrInvitationUsed
	case !now.Before(v.Expires):
		return v, nil, ErrInvitationOver
	}
	return v, record, nil
}

// TakeInvitation takes the invitation of a secret: one wins, however many try. giveBack undoes it, for when the session could
// not be begun after all.
func (a *App) TakeInvitation(ctx context.Context, origin, secret string, taken Taken) (giveBack func(), err error) {
	free, record, err := a.findInvitation(ctx, origin, secret, taken.At)
	if err != nil {
		return nil, err
	}
	v := free
	v.Taken = &taken
	giveBack = func() {
		if now, err := json.Marshal(v); err == nil {
			_, _ = a.swapInvitation(context.WithoutCancel(ctx), invitationKey(secret), now, &free)
		}
	}
	switch swapped, err := a.swapInvitation(ctx, invitationKey(secret), record, &v); {
	case err != nil:
		giveBack() // it may be done or not, and nobody was let in: nobody else's taking is undone by it
		return nil, err
	case !swapped:
		return nil, ErrInvitationUsed
	}
	return giveBack, nil
}
