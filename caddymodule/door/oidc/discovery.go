package oidc

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	// fresh is how long metadata serve before they are asked for again.
	fresh = time.Hour
	// retry is how long the last good ones serve after a fetch that failed.
	retry = time.Minute
	// retryEmpty is how long that there are none is not tried again, however many press the button.
	retryEmpty = 3 * time.Second
)

// discovery keeps a provider's metadata, the last good ones through an outage. One caller at a time fetches; who waits meanwhile takes
// what came of it, or a slow provider would cost each its own ten seconds, one after the other.
type discovery struct {
	fetch   func(ctx context.Context) (*metadata, error)
	fetches atomic.Int64  // that have ended
	turn    chan struct{} // holds one while somebody looks at what is below

	last *metadata // nil: none yet
	err  error     // how the last fetch failed
	next time.Time // when to fetch again
}

// get returns the metadata as they were within the hour, or the last good ones.
func (d *discovery) get(ctx context.Context, now time.Time) (*metadata, error) {
	before := d.fetches.Load()
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrProvider, ctx.Err())
	}
	left := d.next.Sub(now)
	over := left <= 0 || left > fresh // or the clock was put back
	if over && d.fetches.Load() == before {
		d.renew(ctx, now)
	}
	if d.last == nil {
		return nil, fmt.Errorf("%w: %w", ErrProvider, d.err)
	}
	return d.last, nil
}

func (d *discovery) renew(ctx context.Context, now time.Time) {
	m, err := d.fetch(ctx)
	d.err = err
	if err != nil && ctx.Err() != nil {
		return // who asked has gone: that says nothing of the provider, and the next one asks
	}
	d.fetches.Add(1)
	switch {
	case err == nil:
		d.last, d.next = m, now.Add(fresh)
	case d.last != nil:
		d.next = now.Add(retry)
	default:
		d.next = now.Add(retryEmpty)
	}
}
