package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/door"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// Why an access token is no way to a session, though it may be one to the bot.
var (
	errSharedToken  = errors.New("it is meant for others beside this site, and any of them could paste it here")
	errNobodysToken = errors.New("it has no sub")
	errListedToken  = errors.New("it stands on a status list, which a session does not follow")
)

// Exchange implements door.Desk: steps 4 to 6, and that the token is meant for this site alone.
func (d desk) Exchange(ctx context.Context, raw, origin string) (door.Grant, error) {
	now := time.Now()
	t, err := d.h.access(ctx, raw, now)
	if err == nil {
		err = d.h.app.CheckRevokedOnHold(ctx, t, now) // doors are never on hold: the owner comes in to resume
	}
	switch {
	case err != nil && deny.ReasonOf(err).Status() >= http.StatusInternalServerError:
		return door.Grant{}, err
	case err != nil:
		return door.Grant{}, fmt.Errorf("%w: %w", door.ErrToken, err)
	case len(t.Audience) != 1 || t.Audience[0] != origin:
		return door.Grant{}, fmt.Errorf("%w: %w", door.ErrToken, errSharedToken)
	case t.Subject == "":
		return door.Grant{}, fmt.Errorf("%w: %w", door.ErrToken, errNobodysToken)
	case t.Status != nil:
		return door.Grant{}, fmt.Errorf("%w: %w", door.ErrToken, errListedToken)
	}
	ends := t.ExpiresAt
	if last := now.Add(session.MaxLife); ends.After(last) {
		ends = last
	}
	return door.Grant{Subject: t.Subject, Scope: t.Scopes, ExpiresAt: ends, From: from(t, now)}, nil
}

// from is what a session rests on that an access token began at a time. Whoever revokes it by then means it, also where the issuer's
// clock is ahead.
func from(t *accesstoken.Token, now time.Time) session.From {
	f := session.From{
		Issuer: t.Issuer.Name, Subject: t.Subject, SessionID: t.SessionID, TokenID: t.ID, Key: t.KeyThumbprint(), Fingerprint: t.Fingerprint,
	}
	if !t.IssuedAt.IsZero() {
		f.IssuedAt = min(t.IssuedAt.Unix(), now.Unix())
	}
	return f
}
