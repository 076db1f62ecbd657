package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// ErrNoWriter is the answer to a write when no configured store can be written.
var ErrNoWriter = errors.New("no revocation store of this configuration can be written")

// ErrEntry wraps what is wrong with an entry; the caller can mend it.
var ErrEntry = errors.New("revocation not accepted")

// CheckRevoked asks the list whether an entry takes t out. No I/O; while the list is being loaded it waits up to a
// second.
func (a *App) CheckRevoked(ctx context.Context, t *accesstoken.Token) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if kind, revoked := process.list.Revoked(t.Names); revoked {
		return deny.Because(deny.Revoked, revokedBy[kind])
	}
	return nil
}

// Admitted notes that a token was let through: a cut-off that means "now" must not be older than what it let in.
func (a *App) Admitted(t *accesstoken.Token) { process.list.SawIssuedAt(t.IssuedAt) }

// revokedBy are the reasons for the log, made once.
var revokedBy = func() (all [revocation.NumKinds]error) {
	for _, kind := range revocation.Kinds() {
		all[kind] = fmt.Errorf("by an entry of kind %s", kind)
	}
	return all
}()

// Request asks for a revocation: of a token as it is, or of a name. Its fields are the body of the admin API.
type Request struct {
	// The access token itself. Everything else but reason is then left out.
	Token string `json:"token,omitempty"`

	// All but token: the entry. iss may be left out where only one issuer is configured; issued_before may be "now".
	Kind         revocation.Kind `json:"kind,omitzero"`
	Issuer       *string         `json:"iss,omitempty"`
	Value        string          `json:"value,omitempty"`
	IssuedBefore string          `json:"issued_before,omitempty"`
	ExpiresAt    time.Time       `json:"expires_at,omitzero"`
	Reason       string          `json:"reason,omitempty"`
}

// Revoke is the one way in: durable in the first store that can be written, then in the list, then one audit line. It
// returns the entry as it was stored. by says who asked, for the audit. Errors that wrap ErrEntry are the caller's.
func (a *App) Revoke(ctx context.Context, req Request, by string) (revocation.Entry, error) {
	entry, err := a.entry(ctx, req, time.Now())
	if err != nil {
		return entry, err
	}
	store, writer, err := a.writer(ctx)
	if err != nil {
		return entry, err
	}
	if err := writer.Add(ctx, entry); err != nil {
		return entry, fmt.Errorf("writing to revocation store %s: %w", store.resource, err)
	}
	store.source.Add(entry)
	a.audit("revoked", entry, by)
	return entry, nil
}

// Restore undoes Revoke for the name of an entry, and is audited too. A name that is not on the list is no error.
func (a *App) Restore(ctx context.Context, req Request, by string) (revocation.Entry, error) {
	entry, err := a.entry(ctx, req, time.Now())
	if err != nil {
		return entry, err
	}
	store, writer, err := a.writer(ctx)
	if err != nil {
		return entry, err
	}
	if err := writer.Remove(ctx, entry); err != nil {
		return entry, fmt.Errorf("writing to revocation store %s: %w", store.resource, err)
	}
	store.source.Remove(entry)
	a.audit("restored", entry, by)
	return entry, nil
}

// audit leaves one line a change. Values are names of people and tokens: the line bears the kind and the issuer, the
// list bears the rest.
func (a *App) audit(what string, e revocation.Entry, by string) {
	line := []zap.Field{zap.Stringer("kind", e.Kind), zap.String("iss", e.Issuer), zap.String("reason", e.Reason), zap.String("by", by)}
	if !e.IssuedBefore.IsZero() {
		line = append(line, zap.Time("issued_before", e.IssuedBefore))
	}
	a.logger.Info(what, line...)
}

// entry makes a request an entry that can be stored.
func (a *App) entry(ctx context.Context, req Request, now time.Time) (revocation.Entry, error) {
	cutoff, err := process.list.Cutoff(now) // also refuses any write whose clock is behind
	if err != nil {
		return revocation.Entry{}, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	var e revocation.Entry
	if req.Token != "" {
		e, err = a.entryOfToken(ctx, req)
	} else {
		e, err = a.entryOfName(req, cutoff)
	}
	if err != nil {
		return e, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	e.Reason, e.At = req.Reason, now
	e = e.Canonical()
	if err := e.Validate(); err != nil {
		return e, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	return e, nil
}

// entryOfToken names a token by its jti or, where it has none, by its fingerprint. A token that no site verifies (its
// key may be unknown just now) is taken out by its fingerprint all the same, and stays until removed by hand: what it
// says of its expiry is not verified.
func (a *App) entryOfToken(ctx context.Context, req Request) (revocation.Entry, error) {
	if req.Kind != 0 || req.Issuer != nil || req.Value != "" || req.IssuedBefore != "" || !req.ExpiresAt.IsZero() {
		return revocation.Entry{}, errors.New("a token needs no other member than reason")
	}
	c, err := jose.Parse(req.Token)
	if err != nil {
		return revocation.Entry{}, fmt.Errorf("reading the token: %w", err)
	}
	for _, s := range a.sites {
		t, err := s.Identify(ctx, req.Token)
		if err != nil {
			continue
		}
		if t.ID != "" {
			return revocation.Entry{Kind: revocation.KindToken, Issuer: t.Issuer.Name, Value: t.ID, ExpiresAt: t.ExpiresAt}, nil
		}
		return revocation.Entry{Kind: revocation.KindFingerprint, Value: t.Fingerprint, ExpiresAt: t.ExpiresAt}, nil
	}
	return revocation.Entry{Kind: revocation.KindFingerprint, Value: accesstoken.Fingerprint(c)}, nil
}

// entryOfName reads the members of an entry.
func (a *App) entryOfName(req Request, cutoff time.Time) (revocation.Entry, error) {
	e := revocation.Entry{Kind: req.Kind, Value: req.Value, ExpiresAt: req.ExpiresAt}
	switch {
	case req.IssuedBefore == "now":
		e.IssuedBefore = cutoff
	case req.IssuedBefore != "":
		t, err := time.Parse(time.RFC3339, req.IssuedBefore)
		if err != nil {
			return e, errors.New(`issued_before is neither "now" nor a time of RFC 3339`)
		}
		e.IssuedBefore = t
	}
	var err error
	e.Issuer, err = a.issuerOf(req)
	return e, err
}

// issuerOf is the iss of an entry: what the request says, or the only issuer there is. To guess among several would
// revoke somebody else's subject and leave the one that was meant.
func (a *App) issuerOf(req Request) (string, error) {
	switch req.Kind {
	case revocation.KindFingerprint, revocation.KindKey, revocation.KindAll: // names of the whole world
		if req.Issuer != nil && *req.Issuer != "" {
			return "", fmt.Errorf("kind %s takes no iss", req.Kind)
		}
		return "", nil
	}
	if req.Issuer != nil {
		return *req.Issuer, nil
	}
	names := a.issuerNames()
	if len(names) == 1 {
		return names[0], nil
	}
	return "", fmt.Errorf("say whose it is: iss is one of %q", names)
}

// writer is the first store that can be written.
func (a *App) writer(ctx context.Context) (*followed, revocation.Writer, error) {
	if err := a.ready(ctx); err != nil {
		return nil, nil, err
	}
	for _, s := range a.stores {
		if w, ok := s.followed.store.(revocation.Writer); ok {
			return s.followed, w, nil
		}
	}
	return nil, nil, ErrNoWriter
}
