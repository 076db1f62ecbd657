package remote

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// After a failed fetch the next one comes after a second, then after twice as long each time, up to a minute; while nothing is
// known, and whoever asks is let down, up to ten seconds.
const (
	firstRetry    = time.Second
	lastRetry     = time.Minute
	lastRetryBare = 10 * time.Second
)

// lookAtClock is how soon it is noticed that the wall clock has passed the time of a fetch: the machine has slept, or its clock was set.
const lookAtClock = 10 * time.Second

// Run fetches the document and refreshes it until ctx ends. It is called once.
func (d *Document[T]) Run(ctx context.Context) {
	defer d.stop()
	delay := d.restore(ctx)
	for failures := 0; d.pause(ctx, delay); {
		if fresh, ok := d.refresh(ctx); ok {
			failures, delay = 0, d.early(fresh)
			continue
		}
		delay = retry(failures, d.State().Known)
		failures++
	}
}

// pause waits until it is time, by either clock, or until a caller asks. It reports false when ctx has ended.
func (d *Document[T]) pause(ctx context.Context, delay time.Duration) bool {
	timer, look := time.NewTimer(delay), time.NewTicker(lookAtClock)
	defer timer.Stop()
	defer look.Stop()
	_, wall := d.clocks()
	at := wall.Add(delay)
	d.plan(at)
	for {
		select {
		case <-timer.C:
		case <-d.wake:
		case <-ctx.Done():
		case <-look.C:
			if _, wall = d.clocks(); wall.Before(at) {
				continue
			}
		}
		return ctx.Err() == nil
	}
}

// plan notes when the next fetch is to be.
func (d *Document[T]) plan(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next = at
}

// early is when to refresh a value: with a tenth to a fifth of its freshness left, not all latches at once.
func (d *Document[T]) early(fresh time.Duration) time.Duration {
	return max(d.options.MinAge, scatter(fresh, 0.8, 0.9))
}

func retry(failures int, known bool) time.Duration {
	last := lastRetryBare
	if known {
		last = lastRetry
	}
	return scatter(min(firstRetry<<min(failures, 10), last), 0.75, 1.25)
}

// scatter is d times a number between low and high.
func scatter(d time.Duration, low, high float64) time.Duration {
	return time.Duration(float64(d) * (low + (high-low)*rand.Float64())) //nolint:gosec // nobody gains by guessing it
}

// judge says how long a value serves that was fetched at a moment, by the steady clock and by the wall clock.
func (d *Document[T]) judge(value T, fresh time.Duration, at, wall time.Time) *good[T] {
	if fresh <= 0 {
		fresh = d.options.MaxAge
	}
	g := &good[T]{value: value, fetchedAt: wall, fresh: min(max(fresh, d.options.MinAge), d.options.MaxAge)}
	if d.options.MaxStale >= 0 {
		g.until, g.untilWall = at.Add(g.fresh+d.options.MaxStale), wall.Add(g.fresh+d.options.MaxStale)
	}
	return g
}

// refresh fetches once, and returns how long the new value is fresh.
func (d *Document[T]) refresh(ctx context.Context) (fresh time.Duration, ok bool) {
	d.begin()
	bounded, cancel := context.WithTimeout(ctx, d.options.Timeout)
	defer cancel()
	next, body, err := d.obtain(bounded)
	if ctx.Err() != nil {
		return 0, false // it was not the publisher's fault
	}
	if err != nil {
		err = fmt.Errorf("fetching from %s: %w", d.url.Host, err)
	}
	if d.options.Fetched != nil {
		d.options.Fetched(err)
	}
	d.settle(next, err)
	if next == nil {
		return 0, false
	}
	d.save(ctx, body, next)
	return next.fresh, true
}

// obtain fetches and parses. It counts the age from before the fetch, so that a slow answer is not taken for a newer one.
func (d *Document[T]) obtain(ctx context.Context) (*good[T], []byte, error) {
	began, wall := d.clocks()
	var failure error
	for _, u := range d.urls {
		body, header, err := d.fetch(ctx, u)
		if err == nil {
			var value T
			var fresh time.Duration
			if value, fresh, err = d.parse(ctx, body, header); err == nil {
				return d.judge(value, fresh, began, wall), body, nil
			}
		}
		if failure == nil {
			failure = err
			continue
		}
		failure = fmt.Errorf("%w; at another place: %w", failure, err)
	}
	return nil, nil, failure
}

// begin marks that a fetch is under way.
func (d *Document[T]) begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.wake: // a caller asked at the moment that the time had come: one fetch is enough
	default:
	}
	if d.attempt == nil {
		d.attempt = make(chan struct{})
	}
	d.began, d.next = time.Now(), time.Time{}
}

// settle notes how a fetch ended and lets go of who waited for it. A nil value leaves the last one in force.
func (d *Document[T]) settle(next *good[T], err error) {
	if d.options.Changed != nil {
		defer d.options.Changed()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case next != nil:
		d.last.Store(next)
	case d.last.Load() == nil && d.saved != nil:
		d.last.Store(d.saved)
	}
	d.saved, d.err = nil, err
	d.release()
}

// stop lets go of who waits for a fetch that never comes.
func (d *Document[T]) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped, d.next = true, time.Time{}
	if d.err == nil {
		d.err = errStopped
	}
	d.release()
}

func (d *Document[T]) release() {
	d.began = time.Time{}
	if d.attempt != nil {
		close(d.attempt)
		d.attempt = nil
	}
}
