package session_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// keys is where a verifier gets its ring from; newer is what it gets when it misses a key.
type keys struct {
	now, newer *session.Ring
	asked      int // for what was missing
	fails      error
}

// Ring implements session.Keys.
func (k *keys) Ring(_ context.Context, missing string) (*session.Ring, error) {
	if missing != "" {
		k.asked++
		if k.newer != nil {
			k.now = k.newer
		}
	}
	return k.now, k.fails
}

func TestASessionIsATokenOfItsSite(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	v := session.NewVerifier(&keys{now: ring})
	raw := sign(t, ring, anas())
	for range 2 { // the second time it is known
		token, err := v.Verify(t.Context(), raw, site, noon)
		if err != nil {
			t.Fatal(err)
		}
		if !token.Session || token.Issuer.Name != site || token.Subject != "ana" || token.ID != "t1" || token.SessionID != "s1" ||
			len(token.Scopes) != 2 || !token.ExpiresAt.Equal(anas().ExpiresAt) || token.Claims != nil || len(token.Audience) != 1 {
			t.Errorf("%+v", token)
		}
		for name, e := range map[string]revocation.Entry{
			"itself":                     {Kind: revocation.KindToken, Issuer: site, Value: "t1"},
			"its browser":                {Kind: revocation.KindSession, Issuer: site, Value: "s1"},
			"its subject here":           {Kind: revocation.KindSubject, Issuer: site, Value: "ana"},
			"its spelling":               {Kind: revocation.KindFingerprint, Value: token.Fingerprint},
			"the site":                   {Kind: revocation.KindIssuer, Issuer: site},
			"the person at the provider": {Kind: revocation.KindSubject, Issuer: "https://id.example.com/", Value: "auth0|ana"},
			"the provider":               {Kind: revocation.KindIssuer, Issuer: "https://id.example.com/"},
			"the key of its token":       {Kind: revocation.KindKey, Value: "k"},
			"all":                        {Kind: revocation.KindAll, IssuedBefore: noon},
		} {
			if !token.Named(e) {
				t.Errorf("B23: an entry for %s does not take it out", name)
			}
		}
		for name, e := range map[string]revocation.Entry{
			"somebody else":    {Kind: revocation.KindSubject, Issuer: "https://id.example.com/", Value: "auth0|ben"},
			"another provider": {Kind: revocation.KindIssuer, Issuer: "https://other.example.com/"},
			"no issuer":        {Kind: revocation.KindIssuer},
		} {
			if token.Named(e) {
				t.Errorf("an entry for %s takes it out", name)
			}
		}
	}
}

func TestWhatIsKnownIsAskedAgain(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	k := &keys{now: ring}
	v := session.NewVerifier(k)
	raw := sign(t, ring, anas())
	verify := func(origin string, at time.Time, want error) {
		t.Helper()
		if _, err := v.Verify(t.Context(), raw, origin, at); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	verify(site, noon, nil)
	verify("https://other.example.com", noon, session.ErrNoSession)
	verify("", noon, session.ErrNoSession)
	verify(site, anas().ExpiresAt, session.ErrExpired)
	verify(site, noon, nil)
	var err error
	if k.now, err = ring.Rotate(noon, false); err != nil {
		t.Fatal(err)
	}
	verify(site, noon, nil)
	if k.now, err = ring.Rotate(noon, true); err != nil {
		t.Fatal(err)
	}
	verify(site, noon, session.ErrUnknownKey)
	if k.asked != 1 {
		t.Errorf("a newer ring was looked for %d times", k.asked)
	}
	k.newer = ring // another latch knows it
	verify(site, noon, nil)
	k.fails = errors.New("the storage is away")
	verify(site, noon, session.ErrKeys)
}
