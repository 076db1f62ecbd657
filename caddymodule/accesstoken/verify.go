package accesstoken

import (
	"context"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// Verifier verifies tokens of the issuers that one site accepts.
type Verifier struct {
	issuers map[string]*Issuer
	known   *cache
}

// NewVerifier takes the issuers that a site accepts; two of one name are an error.
func NewVerifier(issuers []*Issuer) (*Verifier, error) { return &Verifier{}, nil }

// Verify returns the token that raw is, or the row that refuses it. A raw string seen before costs a map lookup as
// long as the key that verified it is still its issuer's. The unverified iss only selects among the issuers.
func (v *Verifier) Verify(ctx context.Context, raw string) (*Token, error) {
	if t := v.known.get(raw); t != nil {
		return t, nil
	}
	c, err := jose.Parse(raw)
	if err != nil {
		return nil, deny.Because(deny.MalformedToken, err)
	}
	_, err = c.Verify(nil)
	return nil, deny.Because(deny.BadSignature, err)
}
