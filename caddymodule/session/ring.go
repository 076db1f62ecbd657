package session

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// Ring is the keys that sign sessions: the newest signs, and each verifies until all that it has signed is over. Only latches
// have them. A ring is never changed. Safe for concurrent use.
type Ring struct{ keys []ringKey } // the newest first

type ringKey struct {
	*jose.SigningKey

	created time.Time
}

// NewRing makes a ring of one new key.
func NewRing(now time.Time) (*Ring, error) { return new(Ring).Rotate(now, true) }

// Rotate is r with a new key that signs from now on. Keys of which no session can last go. With dropOld all of them go, and
// everybody is signed out.
func (r *Ring) Rotate(now time.Time, dropOld bool) (*Ring, error) {
	key, err := jose.GenerateKey(jose.HS256)
	if err != nil {
		return nil, err
	}
	next := &Ring{keys: []ringKey{{key, now.Truncate(time.Second)}}}
	if !dropOld {
		if len(r.keys) > 0 && next.keys[0].created.Before(r.keys[0].created) {
			next.keys[0].created = r.keys[0].created // the clock was put back: who reads them takes the newest first
		}
		for i, k := range r.keys {
			if !r.over(i, now) {
				next.keys = append(next.keys, k)
			}
		}
	}
	return next, nil
}

// over reports whether all that a key has signed has ended: it signed until the next one was made.
func (r *Ring) over(i int, now time.Time) bool {
	return i > 0 && !now.Before(r.keys[i-1].created.Add(MaxLife))
}

// ringFile is a ring at rest. Whoever reads it can sign.
type ringFile struct {
	Keys []struct {
		Created time.Time       `json:"created"`
		Key     json.RawMessage `json:"key"` // a private JWK
	} `json:"keys"`
}

// ParseRing reads what Marshal wrote. Errors show no key.
func ParseRing(b []byte) (*Ring, error) {
	var file ringFile
	if err := json.Unmarshal(b, &file); err != nil || len(file.Keys) == 0 {
		return nil, errors.New("no ring of session keys")
	}
	r := new(Ring)
	for i, k := range file.Keys {
		key, err := jose.ParseSigningKey(k.Key)
		switch {
		case err != nil:
			return nil, fmt.Errorf("session key %d: %w", i+1, err)
		case key.Algorithm != jose.HS256 || key.ID == "" || k.Created.IsZero():
			return nil, fmt.Errorf("session key %d: not an HS256 key with a kid and the time of its making", i+1)
		case r.find(key.ID) >= 0:
			return nil, fmt.Errorf("session key %d: its kid stands twice", i+1)
		}
		r.keys = append(r.keys, ringKey{key, k.Created})
	}
	slices.SortStableFunc(r.keys, func(a, b ringKey) int { return b.created.Compare(a.created) })
	return r, nil
}

// Marshal is r at rest, for ParseRing: a secret.
func (r *Ring) Marshal() ([]byte, error) {
	var file ringFile
	for _, k := range r.keys {
		private, err := k.PrivateJWK()
		if err != nil {
			return nil, err
		}
		file.Keys = append(file.Keys, struct {
			Created time.Time       `json:"created"`
			Key     json.RawMessage `json:"key"`
		}{k.created, private})
	}
	return json.MarshalIndent(file, "", "  ")
}

// maxCookie is how long a cookie may be, name and value (RFC 6265 §6.1). Browsers drop a longer one and say nothing.
const maxCookie = 4096

// ErrTooLong is the error of a session that no browser would keep.
var ErrTooLong = errors.New("the session is too long for a cookie: it has too many scopes")

// Sign makes the token of a session.
func (r *Ring) Sign(s *Session) (string, error) {
	if err := s.check(); err != nil {
		return "", err
	}
	b, err := s.encode()
	if err != nil {
		return "", err
	}
	raw, err := r.keys[0].Sign(typ, b)
	if err == nil && len(CookieName(s.Origin))+len(raw) > maxCookie {
		return "", ErrTooLong
	}
	return raw, err
}

// Verify returns the session that raw is on the site of origin. ErrUnknownKey: another latch that shares the ring may have
// rotated it. Time is asked here, revocation is not.
func (r *Ring) Verify(raw, origin string, now time.Time) (*Session, error) {
	c, err := parse(raw)
	if err != nil {
		return nil, err
	}
	return r.verify(c, origin, now)
}

// parse takes a cookie's value apart. No other kind of token is one.
func parse(raw string) (*jose.Compact, error) {
	c, err := jose.Parse(raw)
	if err != nil || c.Header.Type != typ {
		return nil, ErrNoSession
	}
	return c, nil
}

func (r *Ring) verify(c *jose.Compact, origin string, now time.Time) (*Session, error) {
	i := r.find(c.Header.KeyID)
	if i < 0 || r.over(i, now) {
		return nil, ErrUnknownKey
	}
	verified, err := c.Verify(r.keys[i].KeySet().Keys()[0])
	if err != nil {
		return nil, ErrNoSession
	}
	return decode(verified, origin, now)
}

// Has reports whether r has the key of an ID.
func (r *Ring) Has(id string) bool { return r.find(id) >= 0 }

// Seal is a key of 32 bytes for a purpose, made of the newest key (RFC 5869): what is sealed with it opens until that rotates.
func (r *Ring) Seal(purpose string) (key [32]byte) {
	b, err := hkdf.Key(sha256.New, r.keys[0].Secret(), nil, "botlatch "+purpose, len(key))
	if err != nil {
		panic(err) // of a length that SHA-256 could not give
	}
	copy(key[:], b)
	return key
}

// find is the place of the key with an ID; -1: there is none.
func (r *Ring) find(id string) int {
	return slices.IndexFunc(r.keys, func(k ringKey) bool { return k.ID == id })
}
