package remote

import (
	"context"
	"crypto/x509"
	"time"
)

// Options bound a document. Zero values are the defaults.
type Options struct {
	// Accept is the media type that is asked for. Empty: any.
	Accept string
	// MaxBytes bounds the body, after gzip was undone. Default: 1 MiB.
	MaxBytes int64
	// Timeout bounds one fetch with its redirects and its body. Default: 5 s.
	Timeout time.Duration
	// Elsewhere are URLs that are asked, in this order, when the first one has no document that can be read.
	Elsewhere []string
	// MinAge is the shortest time that a value is fresh, and the least time between two fetches that callers
	// cause: whatever clients send, they cause no more. Default: 10 s.
	MinAge time.Duration
	// MaxAge is the longest time that a value is fresh, whatever it says itself. Default: 1 h.
	MaxAge time.Duration
	// MaxStale is how long the last good value counts beyond its freshness while no newer one can be had. Default:
	// 24 h; negative: for ever.
	MaxStale time.Duration
	// Roots verify the server's certificate. Default: the system's.
	Roots *x509.CertPool
	// InsecureLoopback allows http on loopback. For tests.
	InsecureLoopback bool
	// Saved keeps the last good body across restarts. Nil: nobody does.
	Saved Saver
	// Fetched is told how each fetch ended, before anybody gets what it brought. Nil: nobody is.
	Fetched func(err error)
	// Changed is told afterwards that there may be another value, or another error. Nil: nobody is.
	Changed func()
}

// Saved is the last good body of a URL.
type Saved struct {
	Body      []byte
	FetchedAt time.Time
	// Fresh is how long it was fresh, from FetchedAt on, by what came with it. A body that says so itself overrides it.
	Fresh time.Duration
}

// Saver keeps the last good body of a URL across restarts. A body is no secret, but who can write it decides what it
// says until the next fetch: parse it as if it came from the network.
type Saver interface {
	// Load returns what was saved. Nothing saved is an error like any other.
	Load(ctx context.Context, url string) (Saved, error)
	// Save replaces what was saved.
	Save(ctx context.Context, url string, s Saved) error
}

func (o Options) withDefaults() Options {
	for d, standard := range map[*time.Duration]time.Duration{
		&o.Timeout: 5 * time.Second, &o.MinAge: 10 * time.Second, &o.MaxAge: time.Hour, &o.MaxStale: 24 * time.Hour,
	} {
		if *d == 0 {
			*d = standard
		}
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 20
	}
	return o
}
