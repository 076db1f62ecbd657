package stream

import (
	"context"
	"errors"
	"net/http"
)

// ErrUnanswered is the error of a request that was ended before an answer had begun. Nothing was written: what the client
// is told is the caller's business.
var ErrUnanswered = errors.New("ended before it was answered")

// Serve calls next with r under guard: until it returns, s is open, and can be ended from everywhere. ctx is r's, or a
// child of it; next sees a child of ctx.
//
//	WebSocket                     a close frame with the cause, then the bot's side ends
//	event stream, camera          the body ends
//	any other body                is broken off, so that a cut download never looks complete
//	no answer yet                 ErrUnanswered
//
// still is asked once more when s stands in the registry, because a revocation may have walked it just before; the answer
// to anything but Open is ErrUnanswered, and next is not called. after is called when it is over, last when no stream of
// its latch, rule and path is open any more (Stream.LastWill), also when next panics; the client may wait for it.
func (g *Registry) Serve(ctx context.Context, s *Stream, w http.ResponseWriter, r *http.Request, still func(*Stream) Cause,
	next func(http.ResponseWriter, *http.Request) error, after func(last bool),
) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	s.cancel, s.sends = cancel, r.ContentLength != 0
	s.writer = writer{ResponseWriter: w, stream: s}
	g.open(s)
	defer func() {
		cancel()
		ws := s.finish()
		after(g.leave(s))
		g.close(s)
		switch {
		case ws != nil:
			ws.finish()
		case s.Cause() != Open:
			s.stopReading() // net/http reads what is left of a body, and this one may never come
		}
		if v := recover(); v != nil && !s.ended(v) {
			panic(v)
		}
	}()
	if cause := still(s); cause != Open {
		s.cause.CompareAndSwap(uint32(Open), uint32(cause))
		return ErrUnanswered
	}
	r = r.WithContext(ctx)
	if s.sends {
		r.Body = &body{r.Body, s}
	}
	err = next(&s.writer, r)
	if s.writer.swallows() {
		return ErrUnanswered
	}
	return err
}

// ended reports whether a panic of next is nothing but the cut of a body that has no end of its own.
func (s *Stream) ended(v any) bool {
	return v == http.ErrAbortHandler && s.Cause() != Open && s.Kind().endless() //nolint:errorlint // a panic value, never wrapped
}
