package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/keysource"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

// FetchedKeys is how keys are fetched that somebody publishes (jwks, discovery).
type FetchedKeys struct {
	// How long the last keys count beyond their freshness when no newer ones can be had, over a restart too. After that
	// the issuer's tokens are answered 503. Default: 24h.
	MaxStale caddy.Duration `json:"max_stale,omitempty"`

	// The least time between two fetches that tokens cause by naming a key (kid) that is not known. Keys are not fetched more often
	// for their Cache-Control either. Default: 30s.
	Cooldown caddy.Duration `json:"cooldown,omitempty"`

	// Files with the certificates (PEM) of who may vouch for the publisher's host. They replace those of the system. Default: the
	// system's.
	TrustedCA []string `json:"trusted_ca,omitempty"`

	// Fetch by plain HTTP from this machine itself (localhost, 127.0.0.1, ::1), for trying things out. Default: HTTPS alone.
	InsecureLoopback bool `json:"insecure_loopback,omitempty"`
}

const (
	defaultMaxStale = 24 * time.Hour
	defaultCooldown = 30 * time.Second
	maxFresh        = time.Hour // how long keys are fresh at most, whatever their publisher says
)

// followedKeys are keys that change, while somebody runs them.
type followedKeys interface {
	accesstoken.KeySource
	Run(ctx context.Context)
	State() remote.State
}

// said reports whether anything differs from the defaults.
func (f *FetchedKeys) said() bool {
	return f.MaxStale != 0 || f.Cooldown != 0 || len(f.TrustedCA) > 0 || f.InsecureLoopback
}

// fetch describes the keys that an issuer publishes. It fetches nothing.
func (k *Keys) fetch(ctx caddy.Context, name string, algorithms []jose.Algorithm) (accesstoken.KeySource, error) {
	if slices.ContainsFunc(algorithms, jose.Algorithm.Symmetric) {
		return nil, errors.New("algorithms: a key that is published is no secret; leave HS256, HS384 and HS512 out")
	}
	options, err := k.FetchedKeys.options(ctx, name)
	if err != nil {
		return nil, err
	}
	if k.Discovery {
		return keysource.NewDiscovery(name, options)
	}
	address, err := resolve(k.JWKS)
	if err != nil {
		return nil, fmt.Errorf("jwks: %w", err)
	}
	return keysource.NewJWKS(address, options)
}

func (f *FetchedKeys) options(ctx caddy.Context, name string) (o keysource.Options, err error) {
	if f.MaxStale < 0 || f.Cooldown < 0 {
		return o, errors.New("max_stale and cooldown are not negative")
	}
	watch := &keyWatch{log: ctx.Logger(), issuer: name}
	o = keysource.Options{Issuer: name, Skipped: watch.skipped, Skew: watch.skew, Remote: remote.Options{
		MinAge: time.Duration(f.Cooldown), MaxAge: maxFresh, MaxStale: time.Duration(f.MaxStale),
		InsecureLoopback: f.InsecureLoopback, Saved: saved{ctx.Storage}, Fetched: watch.fetched,
	}}
	if f.Cooldown == 0 {
		o.Remote.MinAge = defaultCooldown
	}
	if f.MaxStale == 0 {
		o.Remote.MaxStale = defaultMaxStale
	}
	if err := Resolve("trusted_ca", f.TrustedCA); err != nil {
		return o, err
	}
	o.Remote.Roots, err = certificates(f.TrustedCA)
	return o, err
}

// certificates reads files of PEM certificates; none: nil.
func certificates(files []string) (*x509.CertPool, error) {
	if len(files) == 0 {
		return nil, nil //nolint:nilnil // the system's
	}
	pool := x509.NewCertPool()
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("trusted_ca: %w", err)
		}
		if !pool.AppendCertsFromPEM(b) {
			return nil, fmt.Errorf("trusted_ca: %s has no certificate", file)
		}
	}
	return pool, nil
}

// Interface guards
var (
	_ followedKeys = (*keysource.JWKS)(nil)
	_ followedKeys = (*keysource.Discovery)(nil)
)
