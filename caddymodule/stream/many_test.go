package stream

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"
)

// TestAllEndAtOnce: 10,000 streams take some 50 ms. The limit here is for machines that do much else.
func TestAllEndAtOnce(t *testing.T) {
	t.Parallel()
	var g Registry
	over := waiting(&g, many)
	began := time.Now()
	if n := g.Sweep(began, func(*Stream) Cause { return Revoked }); n != many {
		t.Errorf("%d ended", n)
	}
	over()
	if took := time.Since(began); took > 5*time.Second || g.Len() != 0 {
		t.Errorf("after %v %d are open", took, g.Len())
	}
}

// TestAMillionRequestsLeaveNothing is not parallel: it counts what the process holds.
func TestAMillionRequestsLeaveNothing(t *testing.T) {
	var g Registry
	w, r := sink{http.Header{}}, httptest.NewRequest(http.MethodGet, "/", nil)
	serve := func(n int) {
		for i := range n {
			s := &Stream{Path: "/a", LastWill: i%2 == 0}
			_ = g.Serve(r.Context(), s, w, r, never, func(w http.ResponseWriter, r *http.Request) error {
				if i%100 == 0 { // with a timer that is still to come when it is over
					s.End(Expired)
				}
				return answer(w, r)
			}, nothing)
		}
	}
	held := func() (heap uint64, goroutines int) {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, runtime.NumGoroutine()
	}
	serve(1000)
	heap, goroutines := held()
	serve(1_000_000)
	heapAfter, goroutinesAfter := held()
	if g.Len() != 0 || len(g.groups) != 0 {
		t.Errorf("%d streams and %d groups are left", g.Len(), len(g.groups))
	}
	if heapAfter > heap+512<<10 || goroutinesAfter > goroutines {
		t.Errorf("heap %d, was %d; goroutines %d, were %d", heapAfter, heap, goroutinesAfter, goroutines)
	}
}
