package jose_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

func BenchmarkParseAndVerify(b *testing.B) {
	all := pairs(b)
	for a := jose.HS256; a <= jose.EdDSA; a++ {
		raw := headed(a.String(), all[a].sign)
		b.Run(a.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := verify(raw, all[a].key); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	raw := headed("EdDSA", ed(edKey()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jose.Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseObject(b *testing.B) {
	claims := []byte(`{"iss":"https://id.example","sub":"ana","aud":["https://lock.example"],"scope":"door:open observe",` +
		`"client_id":"phone","iat":1700000000,"exp":1700000900,"jti":"4Zk2vJ0n0qH8c3v1b6m7xw"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jose.ParseObject(claims); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParseObjectCost doubles what a sender may choose: inside the limit of a token up to 6 KiB, of a key set up to a
// MiB. The time for a byte must not grow. Deep nesting is refused at level 33, whatever its size.
func BenchmarkParseObjectCost(b *testing.B) {
	for name, grow := range map[string]func(n int) string{
		"depth":         func(n int) string { return `{"a":` + repeat("[", n/2) + repeat("]", n/2) + "}" },
		"tiny objects":  func(n int) string { return `{"a":[` + repeat("{},", n/3) + "0]}" },
		"tiny elements": func(n int) string { return `{"a":[` + repeat("0,", n/2) + "0]}" },
		"escapes":       func(n int) string { return `{"a":"` + repeat(`\ud83e\udd16`, n/12) + `"}` },
		"colons":        func(n int) string { return `{"a":"` + repeat(":{[", n/3) + `"}` },
		"tiny members": func(n int) string {
			var s strings.Builder
			for i := 0; s.Len() < n; i++ {
				fmt.Fprintf(&s, `,"%d":0`, i)
			}
			return "{" + s.String()[1:] + "}"
		},
	} {
		for _, n := range []int{1 << 10, 3 << 10, 6 << 10, 64 << 10, 128 << 10, 256 << 10, 512 << 10, 1<<20 - 64} {
			b.Run(fmt.Sprintf("%s/%dKiB", name, n>>10), func(b *testing.B) {
				text := []byte(grow(n))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := jose.ParseObject(text); (err != nil) != (name == "depth") {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/byte")
			})
		}
	}
}
