package stream

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// opened is a stream that is open in g, without a request.
func opened(g *Registry, s *Stream) *Stream {
	_, s.cancel = context.WithCancel(context.Background())
	g.open(s)
	return s
}

func never(*Stream) Cause { return Open }

func TestEachStreamHasANumberOfItsOwn(t *testing.T) {
	t.Parallel()
	var g Registry
	const n = 200
	var work sync.WaitGroup
	for range n {
		work.Go(func() { opened(&g, new(Stream)) })
	}
	work.Wait()
	ids := map[uint64]bool{}
	for _, s := range g.All() {
		ids[s.ID()] = true
	}
	if len(ids) != n || ids[0] || g.Len() != n {
		t.Errorf("%d numbers, %d streams", len(ids), g.Len())
	}
	found := g.Select(func(s *Stream) bool { return s.ID() == 7 })
	if len(found) != 1 || found[0].ID() != 7 {
		t.Errorf("found %v", found)
	}
	for _, s := range g.All() {
		g.close(s)
	}
	if g.Len() != 0 || len(g.All()) != 0 {
		t.Errorf("%d are left", g.Len())
	}
}

func TestSweepEndsWhatIsDue(t *testing.T) {
	t.Parallel()
	now := time.Now()
	before, later := now.Add(-time.Nanosecond), now.Add(time.Nanosecond)
	for name, c := range map[string]struct {
		stream *Stream
		ask    Cause
		want   Cause
	}{
		"ok/no end":              {&Stream{}, Open, Open},
		"ok/not yet":             {&Stream{TokenEnds: later, Limit: later}, Open, Open},
		"end/expired":            {&Stream{TokenEnds: before}, Open, Expired},
		"end/expires now":        {&Stream{TokenEnds: now}, Open, Expired},
		"end/limit":              {&Stream{TokenEnds: later, Limit: now}, Open, MaxStream},
		"end/expired with limit": {&Stream{TokenEnds: now, Limit: before}, Open, Expired},
		"end/revoked":            {&Stream{TokenEnds: later, Limit: later}, Revoked, Revoked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g Registry
			s := opened(&g, c.stream)
			bystander := opened(&g, new(Stream))
			asked := 0
			sweep := func() int {
				return g.Sweep(now, func(x *Stream) Cause {
					if x == bystander {
						return Open
					}
					asked++
					return c.ask
				})
			}
			ended := 0
			if c.want != Open {
				ended = 1
			}
			if got := sweep(); got != ended || s.Cause() != c.want || bystander.Cause() != Open {
				t.Errorf("%d ended, by %s, the other by %s", got, s.Cause(), bystander.Cause())
			}
			asked = 0
			if got := sweep(); got != 0 || ended == 1 && asked > 0 || ended == 0 && asked != 1 {
				t.Errorf("again: %d ended, asked %d times", got, asked)
			}
		})
	}
}

// TestOneCauseEndsAStream: the first one, whoever else comes.
func TestOneCauseEndsAStream(t *testing.T) {
	t.Parallel()
	for range 100 {
		var g Registry
		s := opened(&g, new(Stream))
		var won atomic.Int64
		var first atomic.Uint32
		var work sync.WaitGroup
		for cause := Open + 1; cause < NumCauses; cause++ {
			work.Go(func() {
				if s.End(cause) {
					won.Add(1)
					first.Store(uint32(cause))
				}
			})
		}
		work.Wait()
		if won.Load() != 1 || s.Cause() != Cause(first.Load()) {
			t.Fatalf("%d have ended it; cause %s, the winner was %s", won.Load(), s.Cause(), Cause(first.Load()))
		}
		s.finish()
	}
}

func TestExpiresAtTheSoonerEnd(t *testing.T) {
	t.Parallel()
	soon, late, none := time.Unix(1, 0), time.Unix(2, 0), time.Time{}
	for _, c := range []struct{ token, limit, want time.Time }{
		{none, none, none}, {soon, none, soon}, {none, soon, soon}, {soon, late, soon}, {late, soon, soon},
	} {
		if got := (&Stream{TokenEnds: c.token, Limit: c.limit}).Expires(); !got.Equal(c.want) {
			t.Errorf("token %v, limit %v: %v", c.token, c.limit, got)
		}
	}
}

func TestTheLastOfAGroupIsToldOnce(t *testing.T) {
	t.Parallel()
	var g Registry
	for round := range 50 {
		var all []*Stream
		var work sync.WaitGroup
		var mu sync.Mutex
		for i := range 30 {
			work.Go(func() {
				s := opened(&g, &Stream{Site: "s", Rule: "r", Path: fmt.Sprint("/", i%3), LastWill: i%10 != 9})
				mu.Lock()
				defer mu.Unlock()
				all = append(all, s)
			})
		}
		work.Wait()
		if g.Alone(all[0]) {
			t.Errorf("round %d: alone, and 30 are open", round)
		}
		lasts := map[string]*atomic.Int64{"/0": {}, "/1": {}, "/2": {}}
		for _, s := range all {
			work.Go(func() {
				if left(&g, s) {
					lasts[s.Path].Add(1)
					if !s.LastWill {
						t.Error("one without a last will was the last")
					}
				}
			})
		}
		work.Wait()
		for path, n := range lasts {
			if n.Load() != 1 {
				t.Errorf("round %d: %d were the last of %s", round, n.Load(), path)
			}
		}
		if !g.Alone(all[0]) || g.Len() != 0 || len(g.groups) != 0 {
			t.Fatalf("round %d: something is left", round)
		}
	}
}

// TestGroupsWhileManyComeAndGo: as long as anybody holds a stream of the group open, nobody else is the last.
func TestGroupsWhileManyComeAndGo(t *testing.T) {
	t.Parallel()
	var g Registry
	one := func() *Stream { return &Stream{Site: "s", Rule: "r", Path: "/p", LastWill: true} }
	churn := func() (lasts int64) {
		var n atomic.Int64
		var work sync.WaitGroup
		for range 8 {
			work.Go(func() {
				for range 500 {
					if left(&g, opened(&g, one())) {
						n.Add(1)
					}
				}
			})
		}
		work.Wait()
		return n.Load()
	}
	keeper := opened(&g, one())
	if n := churn(); n != 0 {
		t.Errorf("%d were the last while one is open", n)
	}
	if !left(&g, keeper) {
		t.Error("the last one is not told")
	}
	if n := churn(); n < 1 || n > 4000 || len(g.groups) != 0 {
		t.Errorf("%d were the last; groups left: %v", n, g.groups)
	}
}

// left closes a stream, and reports whether it was the last of its group.
func left(g *Registry, s *Stream) bool {
	last := g.leave(s)
	g.close(s)
	return last
}

// TestALastWillIsUnderWayBeforeNothingIsOpen: the end of the process waits until nothing is open, and then for the wills it
// knows of.
func TestALastWillIsUnderWayBeforeNothingIsOpen(t *testing.T) {
	t.Parallel()
	var g Registry
	s := &Stream{Latch: "l", Rule: "r", Path: "/p", LastWill: true}
	told := false
	err := g.Serve(t.Context(), s, httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/p", http.NoBody),
		func(*Stream) Cause { return Open }, func(http.ResponseWriter, *http.Request) error { return nil },
		func(last bool) {
			if told = last; g.Len() != 1 {
				t.Error("nothing is open, and no will is known yet")
			}
		})
	if err != nil || !told || g.Len() != 0 {
		t.Errorf("%v, told %t, %d open", err, told, g.Len())
	}
}

func TestGroupsAreOfLatchRuleAndPath(t *testing.T) {
	t.Parallel()
	var g Registry
	all := []*Stream{
		{Latch: "s", Rule: "r", Path: "/p"}, {Latch: "t", Rule: "r", Path: "/p"}, {Latch: "s", Rule: "q", Path: "/p"}, {Latch: "s", Rule: "r", Path: "/q"},
	}
	for _, s := range all {
		s.LastWill = true
		opened(&g, s)
	}
	for i, s := range all {
		if !left(&g, s) {
			t.Errorf("stream %d is not the last of its own", i)
		}
	}
}
