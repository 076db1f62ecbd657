package stream

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// deadlines counts how often a deadline was set.
type deadlines struct {
	sink

	reads, writes atomic.Int64
}

func (d *deadlines) SetReadDeadline(time.Time) error { d.reads.Add(1); return nil }

func (d *deadlines) SetWriteDeadline(time.Time) error { d.writes.Add(1); return nil }

// idler is Caddy's writer, which sets deadlines of its own before each write, and belongs to one goroutine.
type idler struct {
	http.ResponseWriter

	t *testing.T
}

func (i idler) Unwrap() http.ResponseWriter { return i.ResponseWriter }

func (i idler) SetWriteDeadline(time.Time) error {
	i.t.Error("a writer that another goroutine writes to was touched")
	return nil
}

// TestAnAbortThatComesTooLateTouchesNothing: its timer may have run out while the stream ended, and the connection is
// another request's by now.
func TestAnAbortThatComesTooLateTouchesNothing(t *testing.T) {
	t.Parallel()
	for _, over := range []bool{false, true} {
		d := new(deadlines)
		s := &Stream{cancel: func() {}, writer: writer{ResponseWriter: d}, late: time.AfterFunc(time.Hour, func() {})}
		if over {
			s.finish()
		}
		s.abort()
		if (d.reads.Load()+d.writes.Load() == 0) != over {
			t.Errorf("over %v: %d and %d deadlines were set", over, d.reads.Load(), d.writes.Load())
		}
		s.finish()
	}
}

// TestAnAbortIsRepeatedUntilItIsOver: Caddy may set a deadline of a minute just after.
func TestAnAbortIsRepeatedUntilItIsOver(t *testing.T) {
	t.Parallel()
	d := new(deadlines)
	s := &Stream{cancel: func() {}, writer: writer{ResponseWriter: idler{d, t}}}
	s.End(Revoked)
	for began := time.Now(); d.writes.Load() < 3; time.Sleep(time.Millisecond) {
		if time.Since(began) > longest {
			t.Fatalf("%d times", d.writes.Load())
		}
	}
	s.finish()
	reads, writes := d.reads.Load(), d.writes.Load()
	time.Sleep(2 * grace)
	if d.reads.Load() != reads || d.writes.Load() != writes {
		t.Error("it goes on when it is over")
	}
}
