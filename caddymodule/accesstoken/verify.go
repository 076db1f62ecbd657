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
	issuers map[string]*Issuer
	known   cache
}

// NewVerifier takes the issuers that a site accepts. None at all and two of one name are errors: the name in a token
// must select exactly one.
func NewVerifier(issuers []*Issuer) (*Verifier, error) {
	if len(issuers) == 0 {
		return nil, errors.New("no issuer: nobody's tokens could be accepted")
	}
	v := &Verifier{issuers: make(map[string]*Issuer, len(issuers))}
	for _, i := range issuers {
		if _, twice := v.issuers[i.Name]; twice {
			return nil, fmt.Errorf("two issuers of the name %q", i.Name)
		}
		v.issuers[i.Name] = i
	}
	return v, nil
}

// Verify returns the token that raw is, or the row of deny that refuses it. A raw string seen before costs a map lookup
// as long as the key that verified it is still its issuer's.
func (v *Verifier) Verify(ctx context.Context, raw string) (*Token, error) {
	if t := v.known.get(raw); t != nil && t.keyStands(ctx) {
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
	key, keys, payload, err := issuer.verify(ctx, c)
	if err != nil {
		return nil, err
	}
	t, err := issuer.read(c, payload)
	if err != nil {
		return nil, err
	}
	t.key, t.keys, t.KeyID = key, keys, key.ID
	t.Names = names(t)
	v.known.put(raw, t)
	return t, nil
}

// keyStands reports whether the key that verified t is still its issuer's.
func (t *Token) keyStands(ctx context.Context) bool {
	keys, err := t.Issuer.Keys.Set(ctx, "")
	return err == nil && (keys == t.keys || keys.Has(t.key))
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
func (i *Issuer) verify(ctx context.Context, c *jose.Compact) (*jose.Key, *jose.KeySet, []byte, error) {
	if !i.accepts(c.Header.Algorithm) {
		return nil, nil, nil, deny.Because(deny.UnknownKey, errAlgorithm)
	}
	keys, err := i.Keys.Set(ctx, "")
	if err != nil {
		return nil, nil, nil, deny.Because(deny.Unavailable, errors.Join(errKeysUnknown, err))
	}
	fit := keys.Find(c.Header)
	if len(fit) == 0 && c.Header.KeyID != "" {
		if keys, err = i.Keys.Set(ctx, c.Header.KeyID); err != nil {
			return nil, nil, nil, deny.Because(deny.Unavailable, errors.Join(errKeysUnknown, err))
		}
		fit = keys.Find(c.Header)
	}
	if len(fit) == 0 {
		return nil, nil, nil, deny.Because(deny.UnknownKey, errNoKey)
	}
	for _, key := range fit {
		var payload []byte
		if payload, err = c.Verify(key); err == nil {
			return key, keys, payload, nil
		}
	}
	return nil, nil, nil, deny.Because(deny.BadSignature, err)
}
