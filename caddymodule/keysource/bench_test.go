package keysource_test

import (
	"testing"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/keysource"
)

// BenchmarkSet is what a token that is known costs more with keys that are fetched: whether its key still stands is asked each time.
func BenchmarkSet(b *testing.B) {
	set, id := key(b)
	s := newServer(b, map[string]string{oidc: `{"issuer":"{}","jwks_uri":"{}/keys"}`, "/keys": set})
	d := s.discover(b, "{}", keysource.Options{})
	if found, err := finds(b, d, "", id); !found {
		b.Fatal(err)
	}
	known, err := d.Set(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	for name, source := range map[string]accesstoken.KeySource{"static": keysource.Static(known), "discovery": d} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := source.Set(b.Context(), ""); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+" on all cores", func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := source.Set(b.Context(), ""); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
