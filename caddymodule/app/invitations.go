package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// Invitation lets one browser in, once.
type Invitation struct {
	ID      string    `json:"id"`
	Site    string    `json:"site"` // origin
	Name    string    `json:"name"` // who is invited, for people and the sub of the session
	Scope   []string  `json:"scope"`
	For     int64     `json:"for_seconds"` // how long the browser stays signed in
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"` // by then it must be taken
	Taken   *Taken    `json:"taken,omitempty"`
}

// Taken says who has taken an invitation.
type Taken struct {
	At      time.Time `json:"at"`
	Address string    `json:"address,omitempty"`
	Browser string    `json:"browser,omitempty"` // which says so of itself
	Session string    `json:"sid"`
}

// Invited is an invitation and the link that takes it: a secret, shown once.
type Invited struct {
	Invitation

	Link string `json:"link"`
}

const (
	rememberTaken  = 24 * time.Hour // how long an invitation is listed that is over
	maxInvitations = 100            // open at a time
)

// Why an invitation cannot be made, or taken.
var (
	ErrInvitation     = errors.New("invitation not accepted")
	ErrInvitationUsed = errors.New("the invitation was used")
	ErrInvitationOver = errors.New("the invitation is over")
	ErrNoInvitation   = errors.New("no such invitation: `caddy botlatch invitations` lists them")
)

// Invite makes an invitation. Errors that wrap ErrInvitation are the caller's. by says who asked.
func (a *App) Invite(ctx context.Context, req InviteRequest, by string) (Invited, error) {
	if len(a.signIns()) == 0 {
		return Invited{}, ErrNoSignIn
	}
	now := time.Now()
	v, err := a.invitation(req, now)
	if err != nil {
		return Invited{}, fmt.Errorf("%w: %w", ErrInvitation, err)
	}
	open, err := a.Invitations(ctx)
	if err != nil {
		return Invited{}, err
	}
	open = slices.DeleteFunc(open, func(o Invitation) bool { return o.Taken != nil || !now.Before(o.Expires) })
	if len(open) >= maxInvitations {
		return Invited{}, fmt.Errorf("%w: %d are open already: cancel some", ErrInvitation, len(open))
	}
	var secret [16]byte
	_, _ = rand.Read(secret[:]) // never fails
	text := base64.RawURLEncoding.EncodeToString(secret[:])
	key := invitationKey(text)
	v.ID = key[:12]
	swapped, err := a.swapInvitation(ctx, key, nil, &v)
	if err != nil || !swapped {
		return Invited{}, cmp.Or(err, ErrInvitation)
	}
	a.audit(inviting, by, nil, zap.String("id", v.ID), zap.String("site", v.Site), zap.Strings("scope", v.Scope), zap.Time("expires", v.Expires))
	return Invited{v, v.Site + "/.botlatch/in#" + text}, nil
}

func invitationKey(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// swapInvitation writes an invitation in place of what is known of it; nil: nothing.
func (a *App) swapInvitation(ctx context.Context, key string, old []byte, v *Invitation) (bool, error) {
	f, keeper, err := a.keeper(ctx)
	if err != nil {
		return false, err
	}
	var record []byte
	var ends time.Time
	if v != nil {
		if record, err = json.Marshal(v); err != nil {
			return false, err
		}
		ends = v.Expires.Add(rememberTaken)
	}
	swapped, err := keeper.Swap(ctx, revocation.Invitations, key, old, record, ends)
	if err != nil {
		return false, f.notWritten(err)
	}
	return swapped, nil
}

// Invitations are those of the last day, the newest first.
func (a *App) Invitations(ctx context.Context) ([]Invitation, error) {
	all, err := records[Invitation](ctx, a, revocation.Invitations)
	slices.SortFunc(all, func(x, y Invitation) int { return cmp.Or(y.Created.Compare(x.Created), cmp.Compare(x.ID, y.ID)) })
	return all, err
}

// CancelInvitation takes an invitation back that nobody has taken.
func (a *App) CancelInvitation(ctx context.Context, id, by string) (Invitation, error) {
	f, keeper, err := a.keeper(ctx)
	if err != nil {
		return Invitation{}, err
	}
	records, err := keeper.Records(ctx, revocation.Invitations)
	if err != nil {
		return Invitation{}, fmt.Errorf("reading revocation store %s: %w", f.resource, err)
	}
	for key, record := range records {
		var v Invitation
		if json.Unmarshal(record, &v) != nil || v.ID != id {
			continue
		}
		if v.Taken != nil {
			return v, ErrInvitationUsed
		}
		swapped, err := a.swapInvitation(ctx, key, record, nil)
		if err == nil && !swapped {
			err = ErrInvitationUsed // meanwhile
		}
		a.audit(cancelling, by, err, zap.String("id", v.ID), zap.String("site", v.Site))
		return v, err
	}
	return Invitation{}, ErrNoInvitation
}
