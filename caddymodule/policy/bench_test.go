package policy

import (
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
