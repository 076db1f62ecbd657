package keysource

import (
	"context"
	"net/http"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

// JWKS is the JWK set that an issuer publishes (RFC 7517 §5), kept as remote keeps documents. Run fetches it. Entries that
// cannot be used are left out; a set without any that can leaves the last good one in force.
type JWKS struct {
	document *remote.Document[*jose.KeySet]
	skipped  func([]error)
}

// NewJWKS describes the set at a URL. skipped is told why entries of a set were left out; nil: nobody is. Options.MinAge is the
// least time between two fetches that tokens cause, whatever kid they name.
func NewJWKS(address string, skipped func([]error), options remote.Options) (*JWKS, error) {
	options.Accept = "application/jwk-set+json, application/json"
	j := &JWKS{skipped: skipped}
	var err error
	j.document, err = remote.New(address, j.parse, options)
	return j, err
}

func (j *JWKS) parse(_ context.Context, body []byte, h http.Header) (*jose.KeySet, time.Duration, error) {
	set, skipped, err := jose.ParseKeySet(body)
	if err != nil {
		return nil, 0, err
	}
	if len(skipped) > 0 && j.skipped != nil {
		j.skipped(skipped)
	}
	return set, remote.Freshness(h), nil
}

// Set implements accesstoken.KeySource.
func (j *JWKS) Set(ctx context.Context, missing string) (*jose.KeySet, error) {
	if missing == "" {
		return j.document.Get(ctx)
	}
	return j.document.Renew(ctx)
}

// Run fetches and refreshes until ctx ends. It is called once.
func (j *JWKS) Run(ctx context.Context) { j.document.Run(ctx) }

// State tells how the set fares.
func (j *JWKS) State() remote.State { return j.document.State() }

// Interface guards
var _ accesstoken.KeySource = (*JWKS)(nil)
