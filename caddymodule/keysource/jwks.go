package keysource

import (
	"context"
	"net/http"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

// Options are how keys are fetched, and who hears of what. Zero values are the defaults.
type Options struct {
	// Remote bounds the fetches. MinAge is the least time between two fetches that tokens cause, whatever kid they name. Accept,
	// Elsewhere, Fetched and Changed are set here.
	Remote remote.Options
	// Issuer is whose keys they are: those that say they serve another one (jose.Key.Serves) are left out, too.
	Issuer string
	// Fetched makes, for each document that is fetched, who is told how its fetches end: an issuer may have several, and how one
	// fares says nothing of another. Nil: nobody is.
	Fetched func() func(error)
	// Skipped is told why entries of a set were left out, after each fetch. Nil: nobody is.
	Skipped func([]error)
	// Skew is told how far the publisher's clock is ahead of ours. Nil: nobody is.
	Skew func(ahead time.Duration)
}

// JWKS is the JWK set that an issuer publishes (RFC 7517 §5), kept as remote keeps documents. Run fetches it. Entries that
// cannot be used are left out; a set without any that can leaves the last good one in force.
type JWKS struct {
	document *remote.Document[*jose.KeySet]
	address  string
	options  Options
}

// NewJWKS describes the set at a URL.
func NewJWKS(address string, options Options) (*JWKS, error) {
	options.Remote.Accept, options.Remote.Elsewhere = "application/jwk-set+json, application/json", nil
	j := &JWKS{address: address, options: options}
	if options.Fetched != nil {
		options.Remote.Fetched = options.Fetched()
	}
	var err error
	j.document, err = remote.New(address, j.parse, options.Remote)
	return j, err
}

func (j *JWKS) parse(_ context.Context, body []byte, h http.Header) (*jose.KeySet, time.Duration, error) {
	set, skipped, err := jose.ParseJWKS(body)
	if err != nil {
		return nil, 0, err
	}
	set, others, err := set.Of(j.options.Issuer)
	if err != nil {
		return nil, 0, err
	}
	skipped = append(skipped, others...)
	if j.options.Skipped != nil {
		j.options.Skipped(skipped)
	}
	if ahead, ok := remote.Skew(h); ok && j.options.Skew != nil {
		j.options.Skew(ahead)
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
