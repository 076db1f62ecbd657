package stream

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"
)

// answer is what a bot says to a short request.
func answer(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// sink is a client that keeps nothing.
type sink struct{ header http.Header }

func (s sink) Header() http.Header { return s.header }

func (sink) Write(p []byte) (int, error) { return len(p), nil }

func (sink) WriteHeader(int) {}

// BenchmarkServe is what guarding a short request costs: the difference to plain.
func BenchmarkServe(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context()) // as net/http's, whose end the stream's must follow
	defer cancel()
	w, r := sink{http.Header{}}, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx)
	ends := time.Now().Add(time.Hour)
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = answer(w, r)
		}
	})
	b.Run("guarded", func(b *testing.B) {
		var g Registry
		b.ReportAllocs()
		for b.Loop() {
			_ = g.Serve(r.Context(), &Stream{TokenEnds: ends}, w, r, never, answer, nothing)
		}
	})
	b.Run("guarded with a last will", func(b *testing.B) {
		var g Registry
		b.ReportAllocs()
		for b.Loop() {
			_ = g.Serve(r.Context(), &Stream{Site: "site", Rule: "GET /a", Path: "/a", LastWill: true}, w, r, never, answer, nothing)
		}
	})
	b.Run("guarded, many at once", func(b *testing.B) {
		var g Registry
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_ = g.Serve(r.Context(), &Stream{TokenEnds: ends}, w, r, never, answer, nothing)
			}
		})
	})
}

// waiting opens n streams that wait until they are cut; over returns when all have ended.
func waiting(g *Registry, n int) (over func()) {
	var work sync.WaitGroup
	for range n {
		work.Go(func() {
			_ = g.Serve(context.Background(), new(Stream), sink{http.Header{}}, httptest.NewRequest(http.MethodGet, "/", nil), never,
				func(_ http.ResponseWriter, r *http.Request) error {
					<-r.Context().Done()
					return r.Context().Err()
				}, nothing)
		})
	}
	for g.Len() < n {
		runtime.Gosched()
	}
	return work.Wait
}

const many = 10_000

// BenchmarkEndAll is how long it takes until 10,000 streams have ended that all are revoked at once.
func BenchmarkEndAll(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		var g Registry
		over := waiting(&g, many)
		b.StartTimer()
		g.Sweep(time.Now(), func(*Stream) Cause { return Revoked })
		over()
	}
}

// BenchmarkSweep is a look at 10,000 streams of which none ends.
func BenchmarkSweep(b *testing.B) {
	var g Registry
	over := waiting(&g, many)
	now := time.Now()
	for b.Loop() {
		g.Sweep(now, never)
	}
	b.StopTimer()
	g.Sweep(now, func(*Stream) Cause { return Revoked })
	over()
}
