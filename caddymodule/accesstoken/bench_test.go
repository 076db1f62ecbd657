package accesstoken_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/keysource"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// BenchmarkVerify is a token seen for the first time, and one seen before.
func BenchmarkVerify(b *testing.B) {
	for _, alg := range []jose.Algorithm{jose.HS256, jose.RS256, jose.PS256, jose.ES256, jose.EdDSA} {
		key := latchtest.NewKey(b, alg)
		issuer := &accesstoken.Issuer{Name: provider, Keys: keysource.Static(key.KeySet()), Audience: []string{door}}
		b.Run(fmt.Sprintf("first/%s", alg), func(b *testing.B) {
			// Few spellings and a verifier that has seen none of them: signing each takes longer than verifying it.
			raws := spellings(b, key, 64)
			v, seen := newVerifier(b, issuer), 0
			b.ReportAllocs()
			for b.Loop() {
				if seen == len(raws) {
					v, seen = newVerifier(b, issuer), 0
				}
				if _, err := v.Verify(b.Context(), raws[seen]); err != nil {
					b.Fatal(err)
				}
				seen++
			}
		})
		b.Run(fmt.Sprintf("again/%s", alg), func(b *testing.B) {
			raw := spellings(b, key, 1)[0]
			v := newVerifier(b, issuer)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(b.Context(), raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerifyParallel is one token in many requests at once.
func BenchmarkVerifyParallel(b *testing.B) {
	key := latchtest.NewKey(b, jose.ES256)
	v := newVerifier(b, &accesstoken.Issuer{Name: provider, Keys: keysource.Static(key.KeySet())})
	raw := spellings(b, key, 1)[0]
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := v.Verify(b.Context(), raw); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkRefuse is a forged token, which is verified every time.
func BenchmarkRefuse(b *testing.B) {
	v := verifier(b)
	for _, name := range []string{"signature-hs-zero", "signature-rsa-one", "signature-ec-changed", "signature-ed-changed", "form-many-dots", "iss-unknown"} {
		vector, err := parseVector(name, read(b, "vectors", name+".txt"))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(b.Context(), vector.token); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}

func BenchmarkValidate(b *testing.B) {
	v := verifier(b)
	token := verified(b, v, claims())
	now := time.Unix(arrival, 0)
	b.ReportAllocs()
	for b.Loop() {
		if err := site.Validate(token, now); err != nil {
			b.Fatal(err)
		}
	}
}

// spellings are tokens of a usual size that differ in their jti.
func spellings(b *testing.B, key latchtest.Key, n int) []string {
	b.Helper()
	raws := make([]string, n)
	for i := range raws {
		raws[i] = key.Mint(b, issue.Token{
			Issuer: provider, Subject: "ana", ClientID: "phone", Audience: []string{door}, Scope: []string{"door:open", "door:read"},
		})
	}
	return raws
}
