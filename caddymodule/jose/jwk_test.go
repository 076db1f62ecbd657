package jose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

var (
	otherP256 = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	p224      = must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
)

func TestParseKeySetBindsAlgorithms(t *testing.T) {
	t.Parallel()
	r := rsaKey().Public()
	all := "[RS256 RS384 RS512 PS256 PS384 PS512]"
	pkcs1 := block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey))
	for name, test := range map[string]struct {
		b    []byte
		want string
	}{
		"ok/RSA":                         {asJSON(members(r)), all},
		"ok/RSA, alg":                    {asJSON(with(members(r), "alg", "PS384")), "[PS384]"},
		"ok/P-256":                       {asJSON(members(p256().Public())), "[ES256]"},
		"ok/P-384":                       {asJSON(members(p384().Public())), "[ES384]"},
		"ok/P-521":                       {asJSON(members(p521().Public())), "[ES512]"},
		"ok/Ed25519":                     {asJSON(members(edKey().Public())), "[EdDSA]"},
		"ok/Ed25519, RFC 9864":           {asJSON(with(members(edKey().Public()), "alg", "Ed25519")), "[EdDSA]"},
		"ok/use sig":                     {asJSON(with(members(p256().Public()), "use", "sig")), "[ES256]"},
		"ok/key_ops":                     {asJSON(with(members(p256().Public()), "key_ops", []string{"sign", "verify"})), "[ES256]"},
		"ok/other members":               {asJSON(with(members(p256().Public()), "x5c", []string{"MIIB"}, "x5u", "https://a", "exp", 1)), "[ES256]"},
		"ok/RSA with a zero in front":    {asJSON(with(members(r), "n", b64(append([]byte{0}, rsaKey().N.Bytes()...)))), all},
		"ok/white space":                 {[]byte(" \r\n\t" + string(asJSON(members(r))) + "\n"), all},
		"ok/set of one":                  {jwks(members(r)), all},
		"ok/PEM SPKI":                    {spki(r), all},
		"ok/PEM PKCS #1":                 {pkcs1, all},
		"ok/PEM certificate, expired":    {certificate(t, rsaKey()), all},
		"ok/PEM certificate, P-256":      {certificate(t, p256()), "[ES256]"},
		"ok/PEM Ed25519":                 {spki(edKey().Public()), "[EdDSA]"},
		"ok/PEM with text around":        {slices.Concat([]byte("my key\n\n"), spki(p384().Public()), []byte("\nend\n")), "[ES384]"},
		"ok/PEM with carriage returns":   {[]byte(strings.ReplaceAll(string(spki(r)), "\n", "\r\n")), all},
		"ok/PEM without a final newline": {[]byte(strings.TrimSpace(string(spki(r)))), all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, skipped, err := jose.ParseKeySet(test.b)
			if err != nil || len(skipped) > 0 || set.Len() != 1 {
				t.Fatalf("%d keys, skipped %v, %v", set.Len(), skipped, err)
			}
			key := set.Keys()[0]
			if got := fmt.Sprint(key.Algorithms()); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if key.Symmetric() {
				t.Error("a secret")
			}
			key.Algorithms()[0] = jose.HS256
			if key.Fits(jose.HS256) {
				t.Error("a key can be changed from outside")
			}
		})
	}
	t.Run("ok/several PEM blocks", func(t *testing.T) {
		t.Parallel()
		if n := keySet(t, slices.Concat(spki(r), spki(p256().Public()), certificate(t, p384()))).Len(); n != 3 {
			t.Errorf("%d keys", n)
		}
	})
}

func TestParseKeySetDropsAmbiguousKids(t *testing.T) {
	t.Parallel()
	k := func(public crypto.PublicKey, kid string) map[string]any { return with(members(public), "kid", kid) }
	good := k(p384().Public(), "good")
	for name, test := range map[string]struct {
		keys    []any
		skipped int
		want    int
	}{
		"ok/all different":              {[]any{good, k(p256().Public(), "a"), k(otherP256.Public(), "b")}, 0, 3},
		"ok/one key under two kids":     {[]any{good, k(p256().Public(), "a"), k(p256().Public(), "b")}, 0, 3},
		"ok/two keys without kid":       {[]any{members(p256().Public()), members(otherP256.Public())}, 0, 2},
		"ok/empty kid is none":          {[]any{k(p256().Public(), ""), k(otherP256.Public(), "")}, 0, 2},
		"ok/the same key twice":         {[]any{good, good, good}, 2, 1},
		"ok/kid of a key not used":      {[]any{good, with(k(rsaKey().Public(), "good"), "use", "enc")}, 1, 1},
		"deny/two keys of one kid":      {[]any{good, k(p256().Public(), "a"), k(otherP256.Public(), "a")}, 2, 1},
		"deny/three keys of one kid":    {[]any{good, k(p256().Public(), "a"), k(edKey().Public(), "a"), k(p256().Public(), "a")}, 3, 1},
		"deny/one kid, two alg":         {[]any{good, with(k(rsaKey().Public(), "a"), "alg", "RS256"), with(k(rsaKey().Public(), "a"), "alg", "PS256")}, 2, 1},
		"deny/what is no object":        {[]any{good, 1, "a", nil, []any{}}, 4, 1},
		"deny/the same without kid":     {[]any{good, members(p256().Public()), members(p256().Public())}, 1, 2},
		"ok/256 keys, most of them one": {slices.Repeat([]any{good}, 256), 255, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, skipped, err := jose.ParseKeySet(jwks(test.keys...))
			if err != nil || len(skipped) != test.skipped || set.Len() != test.want {
				t.Errorf("%d keys, skipped %v, %v", set.Len(), skipped, err)
			}
		})
	}
}

// FuzzParseKeySet looks for panics, in the reading and in the keys that it lets through.
func FuzzParseKeySet(f *testing.F) {
	for _, jwk := range unusable() {
		f.Add(jwks(jwk))
	}
	for _, public := range []crypto.PublicKey{rsaKey().Public(), p256().Public(), edKey().Public()} {
		f.Add(spki(public))
		f.Add(asJSON(members(public)))
		f.Add(jwks(with(members(public), "kid", "a", "use", "sig"), with(members(public), "kid", "b")))
	}
	var tokens []*jose.Compact
	for a, p := range pairs(f) {
		tokens = append(tokens, must(jose.Parse(headed(a.String(), p.sign))))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		set, skipped, err := jose.ParseKeySet(b)
		if (err == nil) != (set.Len() > 0) {
			t.Fatalf("%d keys and %v", set.Len(), err)
		}
		for _, err := range skipped {
			_ = err.Error()
		}
		for _, key := range set.Keys() {
			if key.Thumbprint == "" || key.Symmetric() || !set.Has(key) || len(key.Algorithms()) == 0 {
				t.Errorf("a key that is none: %v", key)
			}
			for _, c := range tokens {
				_, _ = c.Verify(key)
			}
		}
	})
}
