package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/revocation"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// SignedIn is a line of the ledger: a browser that is signed in on a site. The ledger is for people. Whether a session
// counts says the revocation list.
type SignedIn struct {
	ID      string       `json:"sid"`
	Site    string       `json:"site"` // its origin
	Subject string       `json:"sub"`
	Name    string       `json:"name,omitempty"`
	Door    string       `json:"door"` // invite, token or oidc
	Scope   []string     `json:"scope"`
	From    session.From `json:"from,omitzero"`
	Address string       `json:"address,omitempty"` // from where it signed in
	Browser string       `json:"browser,omitempty"` // which says so of itself
	Since   time.Time    `json:"since"`
	Expires time.Time    `json:"expires"`
}

// ErrNoSession is the answer to the sid of no session.
var ErrNoSession = errors.New("no session of that sid: `caddy botlatch sessions` lists them")

// BeginSession writes a session into the ledger. It is durable when it returns nil, and only then may the browser get it.
func (a *App) BeginSession(ctx context.Context, s SignedIn) error {
	f, keeper, err := a.keeper(ctx)
	if err != nil {
		return err
	}
	if err := a.makeRoom(ctx, s); err != nil {
		return err
	}
	line, err := json.Marshal(s)
	if err != nil {
		return err
	}
	switch swapped, err := keeper.Swap(ctx, revocation.Sessions, s.ID, nil, line, s.Expires); {
	case err != nil:
		return f.notWritten(err)
	case !swapped:
		return fmt.Errorf("a session of that sid is there already")
	}
	a.logger.Info("session started", sessionFields(s)...)
	a.events.announce("session_started", map[string]any{"site": s.Site, "door": s.Door})
	return nil
}

// sessionFields are what logs say of a session: whom it belongs to says the ledger.
func sessionFields(s SignedIn) []zap.Field {
	return []zap.Field{zap.String("site", s.Site), zap.String("door", s.Door), zap.Time("expires", s.Expires)}
}

// Sessions are the browsers that are signed in, the newest first: not those of which something was revoked since.
func (a *App) Sessions(ctx context.Context) ([]SignedIn, error) {
	all, err := records[SignedIn](ctx, a, revocation.Sessions)
	all = slices.DeleteFunc(all, func(s SignedIn) bool { return a.Revoked(s.token()) })
	slices.SortFunc(all, func(x, y SignedIn) int { return cmp.Or(y.Since.Compare(x.Since), cmp.Compare(x.ID, y.ID)) })
	return all, err
}

// token is what is known of a session's.
func (s *SignedIn) token() *accesstoken.Token {
	var values [revocation.NumKinds]string
	values[revocation.KindSession], values[revocation.KindSubject] = s.ID, s.Subject
	return &accesstoken.Token{Names: revocation.NewNames(s.Site, s.Since, values), Rests: s.From.Names()}
}

// maxOfOne is how many browsers one subject has signed in on a site. More than that is somebody who fills the ledger.
const maxOfOne = 50

// makeRoom ends the oldest session of a subject that has too many.
func (a *App) makeRoom(ctx context.Context, s SignedIn) error {
	all, err := a.Sessions(ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(o SignedIn) bool {
		return o.Site != s.Site || o.Subject != s.Subject || o.From.Issuer != s.From.Issuer
	})
	if len(all) < maxOfOne {
		return nil
	}
	_, err = a.EndSession(ctx, all[len(all)-1].ID, "the oldest of too many", "sign-in")
	return err
}

// forgetSessions takes out of the ledger who was signed in on the sites of this configuration, whose keys are gone.
func (a *App) forgetSessions(ctx context.Context) error {
	_, keeper, err := a.keeper(ctx)
	if err != nil {
		return err
	}
	found, err := keeper.Records(ctx, revocation.Sessions)
	for id, record := range found {
		var s SignedIn
		if json.Unmarshal(record, &s) == nil && a.serves(s.Site) {
			_, swapErr := keeper.Swap(ctx, revocation.Sessions, id, record, nil, time.Time{})
			err = errors.Join(err, swapErr)
		}
	}
	return err
}

// EndSession signs a browser out: its session is revoked, which is durable, and its streams end. by says who asked.
func (a *App) EndSession(ctx context.Context, id, reason, by string) (Revoked, error) {
	f, keeper, err := a.keeper(ctx)
	if err != nil {
		return Revoked{}, err
	}
	record, err := keeper.Record(ctx, revocation.Sessions, id)
	if err != nil {
		return Revoked{}, fmt.Errorf("reading revocation store %s: %w", f.resource, err)
	}
	var s SignedIn
	if record == nil || json.Unmarshal(record, &s) != nil {
		return Revoked{}, ErrNoSession
	}
	revoked, err := a.endSession(ctx, s.Site, s.ID, s.Expires, reason, by)
	if err != nil {
		return revoked, err
	}
	if _, err := keeper.Swap(ctx, revocation.Sessions, id, record, nil, time.Time{}); err != nil {
		return revoked, f.notWritten(err)
	}
	a.logger.Info("session ended", sessionFields(s)...)
	a.events.announce("session_ended", map[string]any{"site": s.Site, "door": s.Door})
	return revoked, nil
}

// endSession revokes it, also where its site is gone: it may come back.
func (a *App) endSession(ctx context.Context, site, id string, expires time.Time, reason, by string) (Revoked, error) {
	entry, err := a.entry(ctx, Request{
		Kind: revocation.KindSession, Issuer: &site, Value: id, ExpiresAt: expires.UTC(), Reason: reason,
	}, time.Now())
	if err != nil {
		return Revoked{Entry: entry}, err
	}
	return a.revoke(ctx, entry, by)
}

// SignOut is EndSession by whoever has the session, also when the ledger has lost it.
func (a *App) SignOut(ctx context.Context, s *session.Session, by string) error {
	_, err := a.EndSession(ctx, s.ID, "signed out", by)
	if errors.Is(err, ErrNoSession) {
		_, err = a.endSession(ctx, s.Origin, s.ID, s.ExpiresAt, "signed out", by)
	}
	return err
}
