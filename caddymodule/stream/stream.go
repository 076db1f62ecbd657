package stream

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
)

// Stream is one open request. What is exported does not change while it is open.
type Stream struct {
	Site, Rule, Path string             // as people read them
	Latch            string             // tells sites apart that read the same; equal in each configuration that has it
	Policy           string             // hash of the configuration that let it in
	Generation       uint64             // number of the configuration that let it in
	Since            time.Time          // when its request came
	TokenEnds        time.Time          // exp of its token; zero: it has none
	Limit            time.Time          // when the rule's max_stream is over; zero: none
	Token            *accesstoken.Token // nil: a public rule
	LastWill         bool               // the bot is told when the last of this latch, rule and path ends
	Line             net.Conn           // the client's connection below TLS and HTTP; nil: not known

	// Doubt is since when it cannot be said whether the token is good. It belongs to who calls Sweep.
	Doubt time.Time

	id     uint64
	kind   atomic.Uint32 // Kind
	cause  atomic.Uint32 // Cause
	cancel context.CancelFunc
	sends  bool // the client: there is a body
	writer writer

	mu   sync.Mutex
	ws   *upgraded   // nil: not upgraded
	late *time.Timer // aborts what does not end well; nil: not ended
	lent int         // how often it was given more time
	over bool        // nothing of it is under way any more
}

// ID names a stream as long as the process lives. Zero: it was not opened.
func (s *Stream) ID() uint64 { return s.id }

// Cause is why the latch ended it; Open when it did not.
func (s *Stream) Cause() Cause { return Cause(s.cause.Load()) } //nolint:gosec // was one

// Kind is what it turned out to be.
func (s *Stream) Kind() Kind { return Kind(s.kind.Load()) } //nolint:gosec // was one

// Over reports whether it has ended on both sides.
func (s *Stream) Over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// Expires is when it ends at the latest; zero: never.
func (s *Stream) Expires() time.Time {
	if s.Limit.IsZero() || !s.TokenEnds.IsZero() && s.TokenEnds.Before(s.Limit) {
		return s.TokenEnds
	}
	return s.Limit
}

// End ends it, and reports whether it was not ended before. It does not wait.
func (s *Stream) End(cause Cause) bool { return s.end(cause, newGate(1)) }

// end is End, of one among others: they end on the bot's side when all have said goodbye.
func (s *Stream) end(cause Cause, g *gate) bool {
	if !s.cause.CompareAndSwap(uint32(Open), uint32(cause)) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return true
	}
	if s.ws == nil {
		s.late = time.AfterFunc(grace, s.abort)
		s.cancel()
		s.stopReading()
	} else {
		s.ws.leaving.Store(true)
		go s.cut(s.ws, cause, g) // it may wait for a client that does not read; abort ends that
	}
	return true
}

// cut says goodbye on a WebSocket. Its time begins when it does: of thousands, the last one's turn may be late.
func (s *Stream) cut(ws *upgraded, cause Cause, g *gate) {
	s.mu.Lock()
	if !s.over && s.late == nil {
		s.late = time.AfterFunc(grace, s.abort)
	}
	s.mu.Unlock()
	ws.cut(cause.goodbye(), func() { g.pass(s.cancel) })
}

// stopReading ends the wait for more of a body. The proxy does not return before that, and only then can the client be
// answered.
func (s *Stream) stopReading() {
	if s.sends {
		_ = http.NewResponseController(s.writer.ResponseWriter).SetReadDeadline(time.Unix(1, 0))
	}
}

// upgrade takes over the connection of a WebSocket.
func (s *Stream) upgrade(ws *upgraded) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ws = ws
	if cause := s.Cause(); cause != Open {
		ws.leaving.Store(true)
		go s.cut(ws, cause, newGate(1))
	}
}

// abort ends what has not ended well in time: a client that does not read, or sends without end, or a bot that does not
// come to the end of a frame.
func (s *Stream) abort() {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
	case s.ws != nil && s.lent < lendings && !s.ws.stuck():
		s.lent++
		s.late.Reset(grace) // a busy machine, and nobody's fault
	case s.ws != nil:
		_ = s.ws.Conn.Close()
		s.cancel()
	default:
		past := time.Unix(1, 0)
		_ = http.NewResponseController(s.writer.ResponseWriter).SetReadDeadline(past)
		// Not through Caddy's writer, which belongs to the goroutine that writes. Before its next write it sets a deadline of a
		// minute, so this is done again.
		_ = http.NewResponseController(innermost(s.writer.ResponseWriter)).SetWriteDeadline(past)
		s.late.Reset(grace)
	}
}

// innermost is the writer of the server itself.
func innermost(w http.ResponseWriter) http.ResponseWriter {
	for {
		outer, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = outer.Unwrap()
	}
}

// finish makes sure that nothing touches the connection any more: another request may follow on it.
func (s *Stream) finish() *upgraded {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.late != nil {
		s.late.Stop()
	}
	return s.ws
}
