// Package remote keeps documents that somebody else publishes: key sets, issuer metadata, status lists. One document is
// one URL, or the first of several that has it: fetched within bounds (https, time, size, redirects within its host), refreshed
// before it is stale, kept
// through an outage, saved across a restart.
//
// One goroutine, Run, fetches; whoever asks (Get, Renew) waits for it or does not, and starts no traffic of its own. So
// there is never more than one fetch under way, however many ask.
//
// Proxies named by the environment (HTTPS_PROXY) are not used: what verifies tokens is asked of its publisher.
package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// patience is the longest that a caller waits for a fetch under way.
const patience = 2 * time.Second

var (
	errPending = errors.New("not fetched yet")
	errStale   = errors.New("the last one is too old")
	errStopped = errors.New("not kept any more")
)

// maxAddress bounds a URL: somebody else may have said it, and errors name its host.
const maxAddress = 2048

// Parse makes a value of a body, and says how long it is fresh; 0: as long as Options.MaxAge. h is nil for a body that
// was saved. An error leaves the last good value in force; it may be logged, so it must not quote the body.
type Parse[T any] func(ctx context.Context, body []byte, h http.Header) (value T, fresh time.Duration, err error)

// Document is what a URL last said, parsed.
type Document[T any] struct {
	url       *url.URL   // the first of urls
	urls      []*url.URL // where it may be, in the order in which they are asked
	parse     Parse[T]
	options   Options
	transport *http.Transport
	wake      chan struct{} // holds one when a caller asks for a fetch
	jumped    atomic.Int64  // how far the wall clock was set, for tests

	last atomic.Pointer[good[T]] // nil: none; requests read it

	mu      sync.Mutex    // guards the rest, and is held to set last
	saved   *good[T]      // of an earlier process, for when the first fetch fails
	err     error         // how the last fetch ended
	asked   time.Time     // when a caller last caused a fetch
	began   time.Time     // when the fetch under way began; zero: there is none
	next    time.Time     // when the next one is planned; zero: one is under way, or none will be
	attempt chan struct{} // closed when the fetch under way, or about to begin, has ended; nil: there is none
	stopped bool
}

// good is a value and how long it serves.
type good[T any] struct {
	value     T
	fetchedAt time.Time // by the wall clock
	fresh     time.Duration
	until     time.Time // too old from then on, by the steady clock; zero: never
	untilWall time.Time // and by the wall clock
}

// serves reports whether the value may be relied on. Both clocks count: the steady one stands still while the machine sleeps, and
// the other one is set, on many machines a while after they have started.
func (g *good[T]) serves(now, wall time.Time) bool {
	return g.until.IsZero() || now.Before(g.until) && wall.Before(g.untilWall)
}

// New describes a document; Run fetches it. The URL must be https, without userinfo and fragment, and so must the others of
// Options.Elsewhere.
func New[T any](address string, parse Parse[T], options Options) (*Document[T], error) {
	urls := make([]*url.URL, 0, 1+len(options.Elsewhere))
	for _, a := range append([]string{address}, options.Elsewhere...) {
		u, err := location(a, options.InsecureLoopback)
		if err != nil {
			return nil, err
		}
		urls = append(urls, u)
	}
	options = options.withDefaults()
	return &Document[T]{
		url: urls[0], urls: urls, parse: parse, options: options, transport: newTransport(options),
		wake: make(chan struct{}, 1), attempt: make(chan struct{}),
	}, nil
}

// location reads a URL that a document may be fetched from.
func location(address string, insecureLoopback bool) (*url.URL, error) {
	if len(address) > maxAddress {
		return nil, errors.New("a URL too long to be asked")
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("not a URL") // the library's error quotes it
	}
	switch {
	case u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return nil, errors.New("a URL of a remote document has a host, no userinfo and no fragment")
	case u.Scheme == "http" && insecureLoopback && loopback(u.Hostname()):
	case u.Scheme != "https":
		return nil, fmt.Errorf("a remote document is fetched by https, not from %s by %s", u.Host, u.Scheme)
	}
	return u, nil
}

// Last returns the last good value. It waits for nothing and causes no traffic.
func (d *Document[T]) Last() (T, error) {
	v, _, err := d.current()
	return v, err
}

// Get is Last but, while there is no value, waits for a fetch that is under way, as long as ctx allows and at most two seconds.
func (d *Document[T]) Get(ctx context.Context) (T, error) {
	v, attempt, err := d.current()
	if err == nil || attempt == nil {
		return v, err
	}
	wait(ctx, attempt)
	return d.Last()
}

// Renew asks for a fetch sooner than planned, waits for it as Get does, and returns what is then the last good value. A fetch that
// began before may have missed what the caller looks for, so one more follows it. Whoever asks meanwhile waits for the same fetch;
// sooner than Options.MinAge after the last one that a caller caused none is made.
func (d *Document[T]) Renew(ctx context.Context) (T, error) {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	attempt, late := d.ask()
	if attempt != nil {
		wait(bounded, attempt)
	}
	if late {
		if attempt, _ = d.ask(); attempt != nil {
			wait(bounded, attempt)
		}
	}
	return d.Last()
}

// Ask asks for a fetch as Renew does, and waits for nothing.
func (d *Document[T]) Ask() { _, _ = d.ask() }

// ask is the fetch under way, or one that the caller causes; nil: none. The caller is late for one that has begun before.
func (d *Document[T]) ask() (attempt <-chan struct{}, late bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if d.attempt == nil && !d.stopped && now.Sub(d.asked) >= d.options.MinAge {
		d.attempt, d.asked = make(chan struct{}), now
		d.wake <- struct{}{} // empty: it is filled here only, and emptied before attempt is nil again
	}
	return d.attempt, !d.began.IsZero() && d.began.Before(now)
}

// current is the last good value, or why there is none to rely on, and the fetch that may mend it.
func (d *Document[T]) current() (v T, attempt <-chan struct{}, err error) {
	if last := d.last.Load(); last != nil && last.serves(d.clocks()) { // the way of nearly every request takes no lock
		return last.value, nil, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	last := d.last.Load()
	switch {
	case last == nil && d.err == nil:
		err = errPending
	case last == nil:
		err = d.err
	case !last.serves(d.clocks()):
		err = errors.Join(errStale, d.err)
	default:
		return last.value, nil, nil
	}
	return v, d.attempt, err
}

// State is how a document fares.
type State struct {
	FetchedAt time.Time // of the last good value; zero: none
	Known     bool      // the last good value may be relied on
	Err       error     // how the last fetch ended, or the saving of it
	NextAt    time.Time // of the next fetch that is planned; zero: one is under way, or none will be
}

// State tells how the document fares.
func (d *Document[T]) State() State {
	_, _, err := d.current()
	d.mu.Lock()
	defer d.mu.Unlock()
	s := State{Known: err == nil, Err: d.err, NextAt: d.next}
	if last := d.last.Load(); last != nil {
		s.FetchedAt = last.fetchedAt
	}
	return s
}

// clocks are the moment by the steady clock, and by the wall clock alone.
func (d *Document[T]) clocks() (now, wall time.Time) {
	now = time.Now()
	return now, now.Round(0).Add(time.Duration(d.jumped.Load()))
}

func wait(ctx context.Context, attempt <-chan struct{}) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-attempt:
	case <-ctx.Done():
	case <-timer.C:
	}
}
