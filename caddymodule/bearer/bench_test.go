package bearer

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func BenchmarkFind(b *testing.B) {
	r := request("speed=3", http.Header{"Authorization": {"Bearer " + strings.Repeat("abcd", 200)}})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Find(r, Places{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFindAndRemove doubles each place in which a credential can stand, up to a MiB: the time for a byte stays.
func BenchmarkFindAndRemove(b *testing.B) {
	for name, grow := range map[string]func(n int) (query string, header http.Header){
		"token": func(n int) (string, http.Header) {
			return "", http.Header{"Authorization": {"Bearer " + strings.Repeat("a", n)}}
		},
		"dots": func(n int) (string, http.Header) {
			return "", http.Header{"Authorization": {"Bearer " + strings.Repeat(".", n)}}
		},
		"spaces": func(n int) (string, http.Header) {
			return "", http.Header{"Authorization": {"Bearer" + strings.Repeat(" ", n)}}
		},
		"fields":       func(n int) (string, http.Header) { return "", http.Header{"Authorization": split("Bearer a", n)} },
		"parameters":   func(n int) (string, http.Header) { return strings.Repeat("a=1&", n/4), nil },
		"separators":   func(n int) (string, http.Header) { return "access_token" + strings.Repeat(";", n), nil },
		"escapes":      func(n int) (string, http.Header) { return strings.Repeat("%61", n/3) + "=", nil },
		"tokens":       func(n int) (string, http.Header) { return strings.Repeat("access_token=1&a;", n/17), nil },
		"plain tokens": func(n int) (string, http.Header) { return strings.Repeat("access_token=1&", n/15), nil },
		"subprotocols": func(n int) (string, http.Header) {
			return "", http.Header{"Sec-Websocket-Protocol": {strings.Repeat("a,", n/2)}}
		},
		"one marked": func(n int) (string, http.Header) {
			return "", http.Header{"Sec-Websocket-Protocol": {"botlatch.bearer, " + strings.Repeat("a", n)}}
		},
		"kubernetes": func(n int) (string, http.Header) {
			return "", http.Header{"Sec-Websocket-Protocol": {"v1, base64url.bearer.authorization.k8s.io." + strings.Repeat("YWFh", n/4)}}
		},
		"markers": func(n int) (string, http.Header) {
			return "", http.Header{"Sec-Websocket-Protocol": split("botlatch.bearer, t, v1", n)}
		},
	} {
		for n := 64 << 10; n <= 1<<20; n *= 2 {
			b.Run(fmt.Sprintf("%s/%dKiB", name, n>>10), func(b *testing.B) {
				query, header := grow(n)
				b.ReportAllocs()
				for b.Loop() {
					r := request(query, header.Clone())
					_, _ = Find(r, Places{Subprotocol: true, Query: true})
					Remove(r)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/byte")
			})
		}
	}
}

// split is as many fields as n bytes hold.
func split(field string, n int) []string {
	fields := make([]string, n/len(field))
	for i := range fields {
		fields[i] = field
	}
	return fields
}
