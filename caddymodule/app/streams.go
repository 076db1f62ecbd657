package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

const (
	sweepEveryStream = 100 * time.Millisecond // how late an expiry may be noticed
	doubtful         = 10 * time.Second       // how long a stream stays open of whose token keys or status list are not known
	shortRequest     = time.Second            // how long a request may take that a reload does not cut
	lastStreams      = 5 * time.Second        // how long the end of the process waits for them and their last wills
)

// Streams is all that is open in this process.
func Streams() *stream.Registry { return &process.streams }

// Generation numbers the configuration: a later one has a higher number.
func (a *App) Generation() uint64 { return a.generation }

// sweeper asks of all that is open, again and again, whether it may stay.
type sweeper struct {
	stop    context.CancelFunc
	running sync.WaitGroup
}

// sweepStreams begins to sweep. Two configurations do so side by side while one follows the other.
func (a *App) sweepStreams() *sweeper {
	ctx, stop := context.WithCancel(context.Background())
	s := &sweeper{stop: stop}
	s.running.Go(func() {
		ticker := time.NewTicker(sweepEveryStream)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			case <-woken:
			}
			sweepNow()
		}
	})
	return s
}

// end returns when the sweeper has gone. Of a process without a latch nothing stays open.
func (s *sweeper) end() {
	if s == nil {
		return
	}
	s.stop()
	s.running.Wait()
	if Running() == nil {
		endAll(stream.PolicyChanged)
	}
}

// woken asks for a sweep before its time. One is enough, however often it is asked.
var woken = make(chan struct{}, 1)

func wakeSweeper() {
	select {
	case woken <- struct{}{}:
	default:
	}
}

// sweeping keeps sweeps apart: Stream.Doubt belongs to one at a time.
var sweeping sync.Mutex

// sweepNow asks the configuration that serves.
func sweepNow() {
	sweeping.Lock()
	defer sweeping.Unlock()
	if caddy.Exiting() {
		endAll(stream.Shutdown)
		return
	}
	if a := Running(); a != nil {
		now := time.Now()
		process.streams.Sweep(now, func(s *stream.Stream) stream.Cause { return a.mayStay(s, now) })
	}
}

// endAll ends all that is open.
func endAll(cause stream.Cause) {
	for _, s := range process.streams.All() {
		s.End(cause)
	}
}

// StreamCause is why a stream that has just been registered must not be served after all: a revocation may have come
// between the decision and this.
func (a *App) StreamCause(s *stream.Stream) stream.Cause {
	if caddy.Exiting() {
		return stream.Shutdown
	}
	if s.Token == nil {
		return stream.Open
	}
	return causeOf(a.CheckRevoked(accesstoken.AtOnce, s.Token, s.Since))
}

// mayStay is why a stream may not stay open; stream.Open: it may.
func (a *App) mayStay(s *stream.Stream, now time.Time) stream.Cause {
	if s.Generation > a.generation && s.Generation == process.coming.Load() {
		return causeOf(checkListed(s.Token)) // let in by the configuration that comes: it will ask for the rest
	}
	site := a.policies[s.Policy]
	switch {
	case site == nil && (s.Kind() != stream.Request || now.Sub(s.Since) >= shortRequest):
		return stream.PolicyChanged
	case s.Token == nil:
		return stream.Open
	}
	if cause := causeOf(a.checkList(s.Token, now)); cause != stream.Open {
		return cause
	}
	if site == nil {
		return stream.Open // it is about to end: cut, its client would not know what the bot did
	}
	cause, err := askSite(site, s.Token, now)
	switch {
	case err == nil:
		s.Doubt = time.Time{}
	case s.Doubt.IsZero():
		s.Doubt = now
	case now.Sub(s.Doubt) >= doubtful:
		return stream.Unavailable
	}
	return cause
}

// askSite asks for what a token was verified by, as the configuration that serves knows it. What it does not know yet is an
// error.
func askSite(site Site, t *accesstoken.Token, now time.Time) (stream.Cause, error) {
	if t.Session {
		in := site.SignsIn()
		if in == nil {
			return stream.PolicyChanged, nil
		}
		stands, err := in.Stands(accesstoken.AtOnce, t)
		if err == nil && !stands {
			return stream.PolicyChanged, nil
		}
		return stream.Open, err
	}
	i := slices.IndexFunc(site.Accepts(), func(i *accesstoken.Issuer) bool { return i.Name == t.Issuer.Name })
	if i < 0 {
		return stream.PolicyChanged, nil
	}
	return askIssuer(site.Accepts()[i], t, now)
}

// askIssuer asks for the key and the status list of a token, as the configuration that serves knows them. What it does
// not know yet is an error; it may have to be fetched.
func askIssuer(issuer *accesstoken.Issuer, t *accesstoken.Token, now time.Time) (stream.Cause, error) {
	stands, err := t.KeyStands(accesstoken.AtOnce, issuer)
	switch {
	case err != nil:
		return stream.Open, err
	case !stands:
		return stream.PolicyChanged, nil
	case t.Status == nil:
		return stream.Open, nil
	case issuer.Status == nil:
		return stream.PolicyChanged, nil
	}
	revoked, err := issuer.Status.Revoked(accesstoken.AtOnce, t, now)
	if revoked {
		return stream.Revoked, nil
	}
	return stream.Open, err
}

// causeOf is what ends a stream of which a request would be refused.
func causeOf(err error) stream.Cause {
	if err == nil {
		return stream.Open
	}
	switch deny.ReasonOf(err) {
	case deny.Revoked:
		return stream.Revoked
	case deny.Held:
		return stream.Held
	}
	return stream.Unavailable
}
