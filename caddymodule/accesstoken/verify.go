package accesstoken

import (
	"context"
	"errors"
	"fmt"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// Verifier verifies tokens of the issuers that one site accepts.
type Verifier struct {
	issuers  map[string]*Issuer
	known    Cache
	noClaims bool
}

// NewVerifier takes the issuers that a site accepts. None at all and two of one name are errors, because the name in a
// token must select exactly one; so is an issuer whose lists hold an empty name, or that could accept no token.
func NewVerifier(issuers []*Issuer) (*Verifier, error) {
	if len(issuers) == 0 {
		return nil, errors.New("no issuer: nobody's tokens could be accepted")
	}
	v := &Verifier{issuers: make(map[string]*Issuer, len(issuers))}
	for _, i := range issuers {
		if err := i.check(); err != nil {
			return nil, fmt.Errorf("issuer %q: %w", i.Name, err)
		}
		if _, twice := v.issuers[i.Name]; twice {
			return nil, fmt.Errorf("two issuers of the name %q", i.Name)
		}
		v.issuers[i.Name] = i
	}
	return v, nil
}

// NoTokens is a verifier that knows no issuer, for a site on which nobody shows an access token.
func NoTokens() *Verifier { return new(Verifier) }

// ForgetClaims makes the tokens of v come without Claims, which take as much memory as all the rest of them: for a site of
// which no rule asks for one. Not after the first Verify.
func (v *Verifier) ForgetClaims() { v.noClaims = true }

// Known returns the token that raw was verified to be, at the cost of a map lookup, as long as the key that verified it
// is still its issuer's; nil: Verify must look. It waits for nothing: where keys are not known Verify does, once.
func (v *Verifier) Known(raw string) *Token {
	if t := v.known.Get(raw); t != nil && t.keyStands() {
		return t
	}
	return nil
}

// Verify returns the token that raw is, or the row of deny that refuses it, and remembers it.
func (v *Verifier) Verify(ctx context.Context, raw string) (*Token, error) {
	if t := v.Known(raw); t != nil {
		return t, nil
	}
	c, err := jose.Parse(raw)
	if err != nil {
		return nil, deny.Because(deny.MalformedToken, err)
	}
	issuer, err := v.issuer(c)
	if err != nil {
		return nil, err
	}
	key, claims, err := issuer.verify(ctx, c)
	if err != nil {
		return nil, err
	}
	t, err := issuer.read(c, key, claims)
	if err != nil {
		return nil, err
	}
	if v.noClaims {
		t.Claims = nil
	}
	v.known.Put(raw, t)
	return t, nil
}

// keyStands reports whether the key that verified t is still its issuer's. It is asked of every cached token, so that a
// key that was taken away takes its tokens with it and no cache has to be emptied.
func (t *Token) keyStands() bool {
	stands, err := t.KeyStands(AtOnce, t.Issuer)
	return err == nil && stands
}

// KeyStands reports whether the key that verified t is one of an issuer's: t's own, or the same one as a later
// configuration has it. An error: the issuer's keys are not known.
func (t *Token) KeyStands(ctx context.Context, issuer *Issuer) (bool, error) {
	keys, err := issuer.Keys.Set(ctx, "")
	return err == nil && keys.Has(t.key), err
}

// issuer selects the issuer whose keys are tried. The name is not verified yet and decides nothing else; read compares
// it again in the verified payload.
func (v *Verifier) issuer(c *jose.Compact) (*Issuer, error) {
	name, err := c.UnverifiedIssuer()
	if err != nil {
		return nil, deny.Because(deny.MalformedToken, err)
	}
	issuer, ok := v.issuers[name]
	if !ok {
		return nil, deny.Because(deny.UnknownIssuer, errUnknownIssuer)
	}
	return issuer, nil
}

// verify finds the issuer's key for c's header and checks the signature with it. The algorithm must be one of the
// issuer's and the key's own: the token chooses among what we allow, it never decides (RFC 8725 §3.1).
func (i *Issuer) verify(ctx context.Context, c *jose.Compact) (*jose.Key, jose.Object, error) {
	if !i.accepts(c.Header.Algorithm) {
		return nil, nil, deny.Because(deny.UnknownKey, errAlgorithm)
	}
	key, err := i.key(ctx, c.Header)
	if err != nil {
		return nil, nil, err
	}
	claims, err := c.Claims(key)
	switch {
	case errors.Is(err, jose.ErrAlgorithm): // the kid names a key of another kind: HS256 with a public key's kid
		return nil, nil, deny.Because(deny.UnknownKey, err)
	case errors.Is(err, jose.ErrForm):
		return nil, nil, deny.Because(deny.MalformedToken, err)
	case err != nil:
		return nil, nil, deny.Because(deny.BadSignature, err)
	}
	return key, claims, nil
}

// key is the one key that may verify h. That a set cannot be had is our trouble, never the client's: 503.
func (i *Issuer) key(ctx context.Context, h jose.Header) (*jose.Key, error) {
	key, err := FindKey(ctx, i.Keys, h)
	switch {
	case errors.Is(err, errKeysUnknown):
		return nil, deny.Because(deny.Unavailable, err)
	case err != nil:
		return nil, deny.Because(deny.UnknownKey, err)
	case !key.Serves(i.Name): // sources leave it out; this holds whatever the source is
		return nil, deny.Because(deny.UnknownKey, ErrNoKey)
	}
	return key, nil
}
