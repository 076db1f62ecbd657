package stream

import (
	"sync"
	"sync/atomic"
	"time"
)

// shards is how many maps hold what is open, each under its own mutex.
const shards = 16

// Registry is all that is open. The zero value is ready. Safe for concurrent use; never copied.
type Registry struct {
	number atomic.Uint64
	shards [shards]struct {
		mu   sync.Mutex
		open map[*Stream]struct{}
	}
	mu     sync.Mutex
	groups map[group]int
}

// group is those streams of which the last one leaves a last will.
type group struct{ latch, rule, path string }

func (g *Registry) open(s *Stream) {
	s.id = g.number.Add(1)
	if s.LastWill {
		g.mu.Lock()
		if g.groups == nil {
			g.groups = make(map[group]int)
		}
		g.groups[s.group()]++
		g.mu.Unlock()
	}
	shard := &g.shards[s.id%shards]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if shard.open == nil {
		shard.open = make(map[*Stream]struct{})
	}
	shard.open[s] = struct{}{}
}

// leave reports whether s was the last of its group. It is asked before close: whoever sees that nothing is open may take
// it that every last will is under way.
func (g *Registry) leave(s *Stream) (last bool) {
	if !s.LastWill {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	left := g.groups[s.group()] - 1
	if left > 0 {
		g.groups[s.group()] = left
		return false
	}
	delete(g.groups, s.group())
	return true
}

func (g *Registry) close(s *Stream) {
	shard := &g.shards[s.id%shards]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	delete(shard.open, s)
}

func (s *Stream) group() group { return group{s.Latch, s.Rule, s.Path} }

// Alone reports whether no stream of s's latch, rule and path is open that would leave a last will.
func (g *Registry) Alone(s *Stream) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.groups[s.group()] == 0
}

// Len is how many are open.
func (g *Registry) Len() (n int) {
	for i := range g.shards {
		shard := &g.shards[i]
		shard.mu.Lock()
		n += len(shard.open)
		shard.mu.Unlock()
	}
	return n
}

// All returns all that is open, in no order.
func (g *Registry) All() (all []*Stream) { return g.Select(func(*Stream) bool { return true }) }

// Select returns what is open and wanted. wanted must not wait, and must not open or close streams.
func (g *Registry) Select(wanted func(*Stream) bool) (all []*Stream) {
	for i := range g.shards {
		shard := &g.shards[i]
		shard.mu.Lock()
		for s := range shard.open {
			if wanted(s) {
				all = append(all, s)
			}
		}
		shard.mu.Unlock()
	}
	return all
}

// Sweep ends what has expired by now, and what ask has a cause for. It returns how many those were. ask must not wait.
func (g *Registry) Sweep(now time.Time, ask func(*Stream) Cause) (ended int) {
	type due struct {
		stream *Stream
		cause  Cause
	}
	var all []due
	sockets := 0
	g.Select(func(s *Stream) bool {
		if cause := s.due(now, ask); cause != Open {
			all = append(all, due{s, cause})
			if s.Kind() == WebSocket {
				sockets++
			}
		}
		return false
	})
	together := newGate(sockets)
	for _, d := range all {
		if d.stream.end(d.cause, together) {
			ended++
		}
	}
	return ended
}

// due is the cause for which s must end now.
func (s *Stream) due(now time.Time, ask func(*Stream) Cause) Cause {
	switch {
	case s.Cause() != Open:
		return Open // it is ending
	case !s.TokenEnds.IsZero() && !now.Before(s.TokenEnds):
		return Expired
	case !s.Limit.IsZero() && !now.Before(s.Limit):
		return MaxStream
	}
	return ask(s)
}
