package session

import (
	"context"
	"errors"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
)

// Keys is where a ring comes from.
type Keys interface {
	// Ring is the ring as it is now. missing is a kid that the last ring lacked, which nobody has verified: a reason to look
	// for a newer ring, and nothing else. Empty: none.
	Ring(ctx context.Context, missing string) (*Ring, error)
}

// ErrKeys is the error when the keys of sessions are not known at the moment.
var ErrKeys = errors.New("the session keys are not known")

// Verifier turns a cookie's value into a token, which is then asked what any token is asked. Safe for concurrent use.
type Verifier struct {
	keys  Keys
	known accesstoken.Cache
}

// NewVerifier takes the ring from keys.
func NewVerifier(keys Keys) *Verifier { return &Verifier{keys: keys} }

// Verify returns the token that raw is on the site of origin, at a time. Revocation is not asked here. Errors are those of Read.
func (v *Verifier) Verify(ctx context.Context, raw, origin string, now time.Time) (*accesstoken.Token, error) {
	ring, err := v.keys.Ring(ctx, "")
	if err != nil {
		return nil, errors.Join(ErrKeys, err)
	}
	if t := v.known.Get(raw); t != nil && t.Issuer.Name == origin && ring.Has(t.KeyID) {
		if !now.Before(t.ExpiresAt) {
			return nil, ErrExpired
		}
		return t, nil
	}
	_, t, err := v.read(ctx, ring, raw, origin, now)
	if err != nil {
		return nil, err
	}
	v.known.Put(raw, t)
	return t, nil
}

// Read is Verify for who wants to know more of the session than of its token.
func (v *Verifier) Read(ctx context.Context, raw, origin string, now time.Time) (*Session, *accesstoken.Token, error) {
	ring, err := v.keys.Ring(ctx, "")
	if err != nil {
		return nil, nil, errors.Join(ErrKeys, err)
	}
	return v.read(ctx, ring, raw, origin, now)
}

// read asks for a newer ring when this one lacks the key, as another latch may have rotated it.
func (v *Verifier) read(ctx context.Context, ring *Ring, raw, origin string, now time.Time) (*Session, *accesstoken.Token, error) {
	c, err := parse(raw)
	if err != nil {
		return nil, nil, err
	}
	s, err := ring.verify(c, origin, now)
	if errors.Is(err, ErrUnknownKey) {
		if ring, err = v.keys.Ring(ctx, c.Header.KeyID); err != nil {
			return nil, nil, errors.Join(ErrKeys, err)
		}
		s, err = ring.verify(c, origin, now)
	}
	if err != nil {
		return nil, nil, err
	}
	return s, s.token(c), nil
}
