package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// ErrEntry wraps what is wrong with an entry; the caller can mend it.
var ErrEntry = errors.New("revocation not accepted")

// identifying is how long all sites together may take to find out what a token is that is to be revoked: keys may be unknown.
const identifying = 2 * time.Second

// Request asks for a revocation: of a token as it is, or of a name. Its fields are the body of the admin API.
type Request struct {
	// The access token itself. Everything else but reason is then left out.
	Token string `json:"token,omitempty"`

	// The kid of a key of an issuer of this latch, in place of the value of an entry of kind key: the entry names the
	// key's thumbprint, which is the same wherever the key stands. iss says whose kid it is, where several know one.
	KeyID string `json:"kid,omitempty"`

	// All but token: the entry. iss may be left out where only one issuer is configured; issued_before may be "now".
	Kind         revocation.Kind `json:"kind,omitzero"`
	Issuer       *string         `json:"iss,omitempty"`
	Value        string          `json:"value,omitempty"`
	IssuedBefore string          `json:"issued_before,omitempty"`
	ExpiresAt    time.Time       `json:"expires_at,omitzero"`
	Reason       string          `json:"reason,omitempty"`
}

// entry makes a request an entry that can be stored.
func (a *App) entry(ctx context.Context, req Request, now time.Time) (revocation.Entry, error) {
	cutoff, err := process.list.Cutoff(now) // also refuses any write whose clock is behind
	if err != nil {
		return revocation.Entry{}, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	e, err := a.read(ctx, req, now, cutoff)
	if err == nil && req.Token == "" && !e.ExpiresAt.IsZero() && !now.Before(e.ExpiresAt) {
		// It would go with the next sweep, and what it names would pass again.
		err = fmt.Errorf("%w: expires_at is past", ErrEntry)
	}
	return e, err
}

// name makes a request the name of an entry that is to be taken back, of which nothing else counts: neither a cut-off
// nor the clock.
func (a *App) name(ctx context.Context, req Request, now time.Time) (revocation.Entry, error) {
	if req.Kind == revocation.KindAll && req.IssuedBefore == "" {
		req.IssuedBefore = "now"
	}
	return a.read(ctx, req, now, now)
}

func (a *App) read(ctx context.Context, req Request, now, cutoff time.Time) (e revocation.Entry, err error) {
	if req.Token != "" {
		e, err = a.entryOfToken(ctx, req)
	} else {
		e, err = a.entryOfName(ctx, req, cutoff)
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

// entryOfToken names a token by its jti (or uti) or, where it has none that an entry can hold, by its fingerprint. A token that no site verifies (its
// key may be unknown just now) is taken out by its fingerprint all the same, and stays until removed by hand: what it
// says of its expiry is not verified.
func (a *App) entryOfToken(ctx context.Context, req Request) (revocation.Entry, error) {
	if req.Kind != 0 || req.KeyID != "" || req.Issuer != nil || req.Value != "" || req.IssuedBefore != "" || !req.ExpiresAt.IsZero() {
		return revocation.Entry{}, errors.New("a token needs no other member than reason")
	}
	c, err := jose.Parse(req.Token)
	if err != nil {
		return revocation.Entry{}, fmt.Errorf("reading the token: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, identifying)
	defer cancel()
	for _, s := range a.sites {
		t, err := s.Identify(ctx, req.Token)
		if err != nil {
			continue
		}
		if t.ID != "" && max(len(t.ID), len(t.Issuer.Name)) <= revocation.MaxValue {
			return revocation.Entry{Kind: revocation.KindToken, Issuer: t.Issuer.Name, Value: t.ID, ExpiresAt: t.ExpiresAt}, nil
		}
		return revocation.Entry{Kind: revocation.KindFingerprint, Value: t.Fingerprint, ExpiresAt: t.ExpiresAt}, nil
	}
	return revocation.Entry{Kind: revocation.KindFingerprint, Value: accesstoken.Fingerprint(c)}, nil
}

// entryOfName reads the members of an entry.
func (a *App) entryOfName(ctx context.Context, req Request, cutoff time.Time) (revocation.Entry, error) {
	e := revocation.Entry{Kind: req.Kind, Value: req.Value, ExpiresAt: req.ExpiresAt}
	switch {
	case req.Kind == revocation.KindHold:
		// A revocation may be refused, for want of room or a clock, and a hold never.
		return e, errors.New("a hold is no revocation: `caddy botlatch hold` begins it and `resume` ends it (POST and DELETE /botlatch/hold)")
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
	if req.KeyID != "" {
		if req.Kind != revocation.KindKey || req.Value != "" {
			return e, errors.New("kid goes with kind key and takes the place of value")
		}
		e.Value, err = a.thumbprintOf(ctx, req)
		return e, err
	}
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

// checkKnown refuses a new entry for an issuer that this latch does not know: whoever misspells it would be told
// "revoked", and the door would stay open.
func (a *App) checkKnown(e revocation.Entry) error {
	switch e.Kind {
	case revocation.KindFingerprint, revocation.KindKey, revocation.KindAll:
		return nil
	}
	if names := a.issuerNames(); !slices.Contains(names, e.Issuer) && !a.serves(e.Issuer) {
		return fmt.Errorf("%w: no issuer of that name here: iss is one of %q", ErrEntry, names)
	}
	return nil
}
