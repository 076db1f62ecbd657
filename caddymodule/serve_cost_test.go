package caddymodule_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// costServer is a latch with a rule of each kind, and a good token for it.
func costServer(t testing.TB) (server http.Handler, token string) {
	t.Helper()
	key := latchtest.NewKey(t, jose.EdDSA)
	latch := fmt.Sprintf("botlatch {\nissuer bench {\nkeys static %s\n}\npublic GET /healthz\nallow WS /drive scope observe\n"+
		"allow POST /api/door/unlock scope door:unlock\nallow * /api/robots/*/commands/* scope command\n"+
		"allow GET /api/arm /api/robots/** scope observe\nallow * /caf\u00e9/** any_token\n}", key.File)
	server = startServer(t, t.TempDir(), latch)
	return server, key.Mint(t, issue.Token{Issuer: "bench", Subject: "ana", Scope: []string{"observe"}, TTL: 12 * time.Hour})
}

// read is the request that net/http makes of wire; its limit of 1 MiB does not count here.
func read(t testing.TB, wire string) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
	if err != nil {
		t.Fatalf("net/http itself refuses it: %v", err)
	}
	r.Body = http.NoBody
	r.RemoteAddr = "127.0.0.1:1"
	return r.WithContext(loopback)
}

// BenchmarkServeCost doubles each request up to a MiB. What is told is the time for a byte, net/http's reading left out:
// it must not grow with the size.
func BenchmarkServeCost(b *testing.B) {
	server, token := costServer(b)
	for name, s := range shapes {
		for n := 64 << 10; n <= 1<<20; n *= 2 {
			b.Run(fmt.Sprintf("%s/%dKiB", name, n>>10), func(b *testing.B) {
				wire := s.wire(n, token)
				var spent time.Duration
				for b.Loop() {
					spent += cost(b, server, wire, s.passes)
				}
				b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/float64(n), "ns/byte")
			})
		}
	}
}

// cost is how long the server takes for a request that was read.
func cost(t testing.TB, server http.Handler, wire string, passes bool) time.Duration {
	t.Helper()
	r, w := read(t, wire), httptest.NewRecorder()
	spent := spend(t, func() { server.ServeHTTP(w, r) })
	if (w.Code == http.StatusNoContent) != passes || w.Code >= http.StatusInternalServerError {
		t.Fatalf("status %d, let through should be %t", w.Code, passes)
	}
	return spent
}

// spend is the processor time that f takes.
func spend(t testing.TB, f func()) time.Duration {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := cpuTime(t)
	f()
	return cpuTime(t) - began
}

// TestRequestCostsNoMoreThanItsBytes: sixteen times the bytes take sixteen times as long, give or take what caches do; a
// quadratic reader would take 256 times as long.
func TestRequestCostsNoMoreThanItsBytes(t *testing.T) {
	server, token := costServer(t)
	for name, s := range shapes {
		t.Run(name, func(t *testing.T) {
			small, large := s.wire(smallCost, token), s.wire(more*smallCost, token)
			ratio := growth(
				func() time.Duration { return cost(t, server, small, s.passes) },
				func() time.Duration { return cost(t, server, large, s.passes) },
			)
			if ratio >= steep {
				t.Errorf("%d KiB take %.1f times as long as %d KiB", more*smallCost>>10, ratio, smallCost>>10)
			}
		})
	}
}

// What counts as more than linear: four times of what it should be, and a quarter of what quadratic is. (Under the race
// detector it is eight times, and half.)
const (
	smallCost = 32 << 10
	more      = 16
	steep     = 4.0 * more * raceCost
)

// growth compares the fastest runs of two sizes: others on the machine make a run slower and hardly ever faster. It tries
// again as long as the answer is bad, up to a bound.
func growth(small, large func() time.Duration) (ratio float64) {
	var smalls, larges []time.Duration
	for range 12 {
		for range 4 {
			smalls = append(smalls, small())
		}
		larges = append(larges, large())
		// Not the fastest of the small ones, of which there are more: one lucky run would make any growth look steep.
		slices.Sort(smalls)
		ratio = float64(slices.Min(larges)) / float64(max(smalls[len(smalls)/4], 1))
		if len(larges) >= 3 && ratio < steep || larges[0] > time.Second { // hundreds of times what half a MiB takes
			break
		}
	}
	return ratio
}

// TestGrowthTellsQuadraticFromLinear: a measure that never fails would show nothing.
func TestGrowthTellsQuadraticFromLinear(t *testing.T) {
	text := strings.Repeat("a,", 1<<10)
	linear := func(s string) int { return strings.Count(s, ",") }
	quadratic := func(s string) (n int) { // as a loop that cuts its list anew looks for each comma
		for i := range s {
			if s[i] == ',' {
				n = len(strings.Split(s[:i], ","))
			}
		}
		return n
	}
	timed := func(f func(string) int, s string) func() time.Duration {
		return func() time.Duration { return spend(t, func() { _ = f(s) }) }
	}
	if ratio := growth(timed(quadratic, text[:len(text)/more]), timed(quadratic, text)); ratio < steep {
		t.Errorf("a quadratic reader grows by %.1f only", ratio)
	}
	long := strings.Repeat(text, 512)
	if ratio := growth(timed(linear, long[:len(long)/more]), timed(linear, long)); ratio >= steep {
		t.Errorf("a linear reader grows by %.1f", ratio)
	}
}
