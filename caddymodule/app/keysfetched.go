package app

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

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
	// for their Cache-Control either. At most 1h, how long keys are fresh. Default: 30s.
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

// said reports whether anything differs from the defaults.
func (f *FetchedKeys) said() bool {
	return f.MaxStale != 0 || f.Cooldown != 0 || len(f.TrustedCA) > 0 || f.InsecureLoopback
}

// fetch describes the keys that an issuer publishes, or takes those of who has described them alike. It fetches nothing.
func (k *Keys) fetch(a *App, name string, algorithms []jose.Algorithm) (accesstoken.KeySource, error) {
	if slices.ContainsFunc(algorithms, jose.Algorithm.Symmetric) {
		return nil, errors.New("algorithms: a key that is published is no secret; leave HS256, HS384 and HS512 out")
	}
	if err := k.checkTimes(); err != nil {
		return nil, err
	}
	address := name
	if k.JWKS != "" {
		var err error
		if address, err = resolve(k.JWKS); err != nil {
			return nil, fmt.Errorf("jwks: %w", err)
		}
	}
	if err := Resolve("trusted_ca", k.TrustedCA); err != nil {
		return nil, err
	}
	vouchers, err := readAll(k.TrustedCA)
	if err != nil {
		return nil, fmt.Errorf("trusted_ca: %w", err)
	}
	trust := ""
	if len(vouchers) > 0 {
		trust = fmt.Sprintf("%x", sha256.Sum256(bytes.Join(vouchers, []byte{0})))
	}
	resource := fmt.Sprintf("keys %q %q %t %v %v %t %s", name, address, k.Discovery, k.MaxStale, k.Cooldown, k.InsecureLoopback, trust)
	return a.shareKeys(resource, func() (followedKeys, error) {
		options := k.FetchedKeys.options(a, name, trust)
		if options.Remote.Roots, err = certificates(vouchers); err != nil {
			return nil, err
		}
		if k.Discovery {
			return keysource.NewDiscovery(name, options)
		}
		return keysource.NewJWKS(address, options)
	})
}

// checkTimes refuses what is too short, because a number in JSON is of nanoseconds, and a cooldown that is too long: keys that are
// older than an hour are stale, and the issuer would be without keys in between.
func (f *FetchedKeys) checkTimes() error {
	const least = caddy.Duration(time.Second)
	switch {
	case f.MaxStale != 0 && f.MaxStale < least, f.Cooldown != 0 && f.Cooldown < least:
		return errors.New("max_stale and cooldown are a second or more")
	case f.Cooldown > caddy.Duration(maxFresh):
		return fmt.Errorf("cooldown is at most %s, how long keys are fresh", maxFresh)
	}
	return nil
}

// options are those of keys that outlive the configuration that describes them: nothing in them keeps it in memory.
func (f *FetchedKeys) options(a *App, name, trust string) keysource.Options {
	logger, storage := a.logger, a.ctx.Storage()
	watch := &keyWatch{log: func() *zap.Logger { return servingLogger(logger) }, issuer: name}
	o := keysource.Options{Issuer: name, Fetched: watch.fetched, Skipped: watch.skipped, Skew: watch.skew, Remote: remote.Options{
		MinAge: time.Duration(f.Cooldown), MaxAge: maxFresh, MaxStale: time.Duration(f.MaxStale),
		InsecureLoopback: f.InsecureLoopback,
		Saved:            saved{func() certmagic.Storage { return servingStorage(storage) }, trust},
	}}
	if f.Cooldown == 0 {
		o.Remote.MinAge = defaultCooldown
	}
	if f.MaxStale == 0 {
		o.Remote.MaxStale = defaultMaxStale
	}
	return o
}

func readAll(files []string) (all [][]byte, err error) {
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// certificates are those of PEM files; of none: nil.
func certificates(files [][]byte) (*x509.CertPool, error) {
	if len(files) == 0 {
		return nil, nil //nolint:nilnil // the system's
	}
	pool := x509.NewCertPool()
	for i, b := range files {
		if !pool.AppendCertsFromPEM(b) {
			return nil, fmt.Errorf("trusted_ca: file %d has no certificate", i+1)
		}
	}
	return pool, nil
}
