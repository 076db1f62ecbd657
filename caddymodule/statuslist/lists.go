// Package statuslist asks IETF Token Status Lists (draft-ietf-oauth-status-list): a few bits a token, published by its
// issuer, signed, and found through the token's status claim. It is no revocation store, because it holds no entries; it
// is asked, after the revocation list, about verified tokens alone.
//
// What is not known is never "valid": a list that cannot be fetched, read or verified, that is about another URI, that
// expired, or that has no entry of the token's index is an error, and the request is answered 503.
package statuslist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

const (
	maxLists = 64          // of one issuer, at once
	idle     = time.Hour   // a list that nobody asked for so long is let go
	tidy     = time.Minute // how often that is looked at
	// standardTTL is the freshness of a list that says neither ttl nor exp.
	standardTTL = 5 * time.Minute
)

var (
	errNotRunning = errors.New("status lists are not followed yet")
	errTooMany    = fmt.Errorf("more than %d status lists of one issuer are in use", maxLists)
	errExpired    = errors.New("the status list expired")
	errKey        = errors.New("the key that signed the status list is not its issuer's any more")
	errUncovered  = errors.New("no prefix covers the list")
)

// Config describes the lists of one issuer.
type Config struct {
	// Prefixes of the URIs at which lists may be fetched: https://host/path, matched by whole segments.
	Prefixes []string
	// Keys are those of the issuer of the tokens. A list is verified with them alone, and never with a secret.
	Keys accesstoken.KeySource
	// Algorithms that a list may be signed with. Empty: those of the keys.
	Algorithms []jose.Algorithm
	// Remote bounds the fetches: Roots, Saved, Fetched. Accept and MaxStale are set here; MinAge and MaxAge are 10 s
	// and 1 h unless they are said.
	Remote remote.Options
}

// Lists are the status lists of one issuer. A list is fetched when a token on it is met first, and refreshed from then
// on, as its ttl and exp say, at least every hour and at most every ten seconds; one that nobody asked for in an hour is
// let go.
type Lists struct {
	config   Config
	prefixes []prefix

	mu    sync.RWMutex // requests read; only a list that is new, or let go, takes it alone
	lists map[string]*followed
	begin func(*remote.Document[*list]) context.CancelFunc // nil: Run does not run
}

// followed is a list that is kept fresh.
type followed struct {
	document *remote.Document[*list]
	stop     context.CancelFunc
	asked    atomic.Int64 // seconds
}

// New reads the prefixes; there must be one. It fetches nothing.
func New(config Config) (*Lists, error) {
	l := &Lists{config: config, lists: make(map[string]*followed)}
	for _, s := range config.Prefixes {
		p, err := parsePrefix(s)
		if err != nil {
			return nil, err
		}
		l.prefixes = append(l.prefixes, p)
	}
	if len(l.prefixes) == 0 {
		return nil, errors.New("no prefix of status lists")
	}
	l.config.Remote.Accept = "application/statuslist+jwt"
	return l, nil
}

// Covers implements accesstoken.StatusLists.
func (l *Lists) Covers(uri string) bool {
	return slices.ContainsFunc(l.prefixes, func(p prefix) bool { return p.covers(uri) })
}

// Run follows the lists until ctx ends; it is called once. maxStale is how long a list counts beyond its ttl while no
// newer one can be had, and never beyond its exp; negative: for ever. saved keeps them across a restart; nil: nobody does.
func (l *Lists) Run(ctx context.Context, maxStale time.Duration, saved remote.Saver) {
	var running sync.WaitGroup
	defer running.Wait()
	l.mu.Lock()
	l.config.Remote.MaxStale, l.config.Remote.Saved = maxStale, saved
	l.begin = func(d *remote.Document[*list]) context.CancelFunc {
		ctx, stop := context.WithCancel(ctx)
		running.Go(func() { d.Run(ctx) })
		return stop
	}
	l.mu.Unlock()
	defer l.end()
	ticker := time.NewTicker(tidy)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			l.drop(now)
		}
	}
}

// end makes sure that no list is begun any more.
func (l *Lists) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin = nil
	for _, f := range l.lists {
		f.stop()
	}
	clear(l.lists)
}

// drop lets go of lists that nobody asked for.
func (l *Lists) drop(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for uri, f := range l.lists {
		if now.Unix()-f.asked.Load() >= int64(idle/time.Second) {
			f.stop()
			delete(l.lists, uri)
		}
	}
}

// Revoked implements accesstoken.StatusLists. Once the list is known it asks memory alone.
func (l *Lists) Revoked(ctx context.Context, t *accesstoken.Token, now time.Time) (bool, error) {
	document, err := l.document(t.Status.URI, now)
	if err != nil {
		return false, err
	}
	known, err := document.Get(ctx)
	if err == nil && l.stands(ctx, known, now) != nil {
		known, err = document.Renew(ctx)
	}
	if err == nil {
		err = l.stands(ctx, known, now)
	}
	if err != nil {
		return false, fmt.Errorf("the status list is not known: %w", err)
	}
	status, err := known.status(t.Status.Index)
	return status != statusValid, err
}

// document is the list at a URI, which is followed from now on.
func (l *Lists) document(uri string, now time.Time) (*remote.Document[*list], error) {
	l.mu.RLock()
	f, ok := l.lists[uri]
	l.mu.RUnlock()
	if !ok {
		return l.follow(uri, now)
	}
	f.asked.Store(now.Unix())
	return f.document, nil
}

// follow begins to follow the list at a URI, unless somebody else just has.
func (l *Lists) follow(uri string, now time.Time) (*remote.Document[*list], error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.lists[uri]; ok {
		return f.document, nil
	}
	switch {
	case l.begin == nil:
		return nil, errNotRunning
	case !l.Covers(uri): // verified tokens do not get here with one; a URL of a token's choosing must not be one call away
		return nil, errUncovered
	case len(l.lists) >= maxLists: // to drop one in use would fetch it anew with the next request, as often as clients like
		return nil, errTooMany
	}
	d, err := remote.New(uri, (&reader{lists: l, uri: uri}).parse, l.config.Remote)
	if err != nil {
		return nil, err
	}
	f := &followed{document: d, stop: l.begin(d)}
	f.asked.Store(now.Unix())
	l.lists[uri] = f
	return d, nil
}

// stands reports why a list that was verified once may not be relied on any more.
func (l *Lists) stands(ctx context.Context, known *list, now time.Time) error {
	if !known.expiresAt.IsZero() && !now.Before(known.expiresAt) {
		return errExpired
	}
	keys, err := l.config.Keys.Set(ctx, "")
	if err != nil {
		return err
	}
	if !keys.Has(known.key) {
		return errKey
	}
	return nil
}

// Interface guards
var _ accesstoken.StatusLists = (*Lists)(nil)
