package jose_test

import (
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
