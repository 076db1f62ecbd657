package policy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func BenchmarkParseTargetAndMatch(b *testing.B) {
	p, err := compile(
		"public GET /healthz",
		"POST /api/door/unlock scope door:unlock",
		"GET /api/robots/** scope robot:observe",
	)
	if err != nil {
		b.Fatal(err)
	}
	for name, target := range map[string]string{
		"plain":   "/api/robots/r1/devices/led",
		"escaped": "/api/robots/my%20robot/caf%C3%A9",
		"long":    "/api/robots/" + strings.Repeat("a", 1<<20),
		"slashes": "/api/robots" + strings.Repeat("/a", 1<<19),
		"refused": "/api/robots/" + strings.Repeat(".", 1<<20),
	} {
		b.Run(name, func(b *testing.B) {
			r, err := http.NewRequest(http.MethodGet, "http://bot.test"+target, nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Host = r.URL.Host
			b.ReportAllocs()
			b.SetBytes(int64(len(target)))
			for b.Loop() {
				t, err := ParseTarget(r)
				if err == nil {
					_, err = p.Match(t)
				}
				if (err != nil) != (name == "refused") {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTargetCost doubles a target up to a MiB: the time for a byte stays, whatever it is made of.
func BenchmarkTargetCost(b *testing.B) {
	p := lock(b)
	for name, piece := range map[string]string{
		"letters": "a", "dots": ".", "slashes": "/", "segments": "/a", "dot segments": "/..", "escapes": "%C3%A9", "escaped letters": "%61",
		"invalid bytes": "%FF", "percent signs": "%25", "semicolons": ";", "like a rule": "/api/robots/r1/commands/c",
	} {
		for n := 64 << 10; n <= 1<<20; n *= 2 {
			b.Run(fmt.Sprintf("%s/%dKiB", name, n>>10), func(b *testing.B) {
				r := get(b, "/api/robots/"+strings.Repeat(piece, n/len(piece)))
				for b.Loop() {
					if t, err := ParseTarget(r); err == nil {
						_, _ = p.Match(t)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/byte")
			})
		}
	}
}
