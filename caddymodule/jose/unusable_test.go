package jose_test

import (
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// unusable are JWKs that no set may use, and no single one may be.
func unusable() map[string]map[string]any {
	r := func(pairs ...any) map[string]any { return with(members(rsaKey().Public()), pairs...) }
	e := func(pairs ...any) map[string]any { return with(members(p256().Public()), pairs...) }
	o := func(pairs ...any) map[string]any { return with(members(edKey().Public()), pairs...) }
	x, y := e()["x"].(string), e()["y"].(string)
	n := r()["n"].(string)
	return map[string]map[string]any{
		"no kty":                       e("kty", nil),
		"unknown kty":                  e("kty", "AKP"),
		"kty in other case":            e("kty", "ec"),
		"kty a number":                 e("kty", 1),
		"oct":                          {"kty": "oct", "k": b64(secret)},
		"oct with alg":                 {"kty": "oct", "k": b64(secret), "alg": "HS256"},
		"use enc":                      r("use", "enc"),
		"use SIG":                      r("use", "SIG"),
		"use a number":                 r("use", 1),
		"key_ops encrypt":              r("key_ops", []string{"encrypt"}),
		"key_ops empty":                r("key_ops", []string{}),
		"key_ops a string":             r("key_ops", "verify"),
		"key_ops null":                 r("key_ops", []any{nil}),
		"kid a number":                 r("kid", 1),
		"issuer a number":              r("issuer", 1),
		"issuer null":                  r("issuer", []any(nil)),
		"issuer empty":                 r("issuer", ""),
		"alg for encryption":           r("alg", "RSA-OAEP"),
		"alg none":                     r("alg", "none"),
		"alg HS256":                    r("alg", "HS256"),
		"alg of another kind":          r("alg", "ES256"),
		"alg of another curve":         e("alg", "ES384"),
		"alg a number":                 e("alg", 256),
		"alg EdDSA on P-256":           e("alg", "EdDSA"),
		"unknown crv":                  e("crv", "secp256k1"),
		"crv P-224":                    with(members(p224.Public())),
		"crv of another length":        e("crv", "P-384"),
		"crv missing":                  e("crv", nil),
		"crv Ed25519 on EC":            e("crv", "Ed25519"),
		"x missing":                    e("x", nil),
		"y missing":                    e("y", nil),
		"x and y swapped":              e("x", y, "y", x),
		"point zero":                   e("x", b64(make([]byte, 32)), "y", b64(make([]byte, 32))),
		"point off the curve":          e("y", b64(append(make([]byte, 31), 1))),
		"x cut":                        e("x", b64(make([]byte, 31))),
		"x too long":                   e("x", b64(make([]byte, 1000))),
		"x padded":                     e("x", x+"="),
		"x with a newline":             e("x", x[:9]+"\n"+x[9:]),
		"x in the standard alphabet":   e("x", base64.RawStdEncoding.EncodeToString([]byte(repeat("\xfb\xff", 16)))),
		"x a number":                   e("x", 7),
		"RSA 1024":                     members(weakRSA(1024)),
		"RSA 2047":                     members(weakRSA(2047)),
		"RSA 16384":                    members(weakRSA(16384)),
		"RSA even":                     members(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537}),
		"RSA modulus zero":             r("n", "AA"),
		"RSA modulus empty":            r("n", ""),
		"RSA zeros in front of 1024":   r("n", b64(append(make([]byte, 128), weakRSA(1024).N.Bytes()...))),
		"RSA n with trailing bits":     r("n", n[:len(n)-1]+"_"),
		"RSA e missing":                r("e", nil),
		"RSA e is 1":                   r("e", "AQ"),
		"RSA e even":                   r("e", "Ag"),
		"RSA e zero":                   r("e", "AA"),
		"RSA e of 9 bytes":             r("e", b64([]byte("\x01\x00\x00\x00\x00\x00\x01\x00\x01"))), // 65537 for who drops what is beyond 64 bits
		"RSA e beyond int32":           r("e", b64([]byte("\xff\xff\xff\xff"))),
		"X25519":                       o("crv", "X25519"),
		"Ed448":                        o("crv", "Ed448"),
		"Ed25519 cut":                  o("x", b64(make([]byte, 31))),
		"Ed25519 too long":             o("x", b64(make([]byte, 33))),
		"Ed25519 all zero":             o("x", b64(make([]byte, 32))),
		"Ed25519 neutral":              o("x", b64(append([]byte{1}, make([]byte, 31)...))),
		"Ed25519 off the curve":        o("x", b64(append([]byte{2}, make([]byte, 31)...))),
		"Ed25519 all ones":             o("x", b64(repeat("\xff", 32))),
		"Ed25519 of order 8":           o("x", b64(unhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"))),
		"Ed25519 of order 8, inverse":  o("x", b64(unhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))),
		"Ed25519 of order 2":           o("x", b64(unhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))),
		"private RSA":                  r("d", "AQ"),
		"private EC":                   e("d", "AQ"),
		"private Ed25519":              o("d", b64(secret[:32])),
		"private, a prime only":        r("p", "AQ"),
		"private, d null":              e("d", nil, "k", "AQ"),
		"nothing":                      {},
		"private RSA, public use only": r("d", "AQ", "use", "sig", "key_ops", []string{"verify"}),
	}
}

func unhex(s string) []byte {
	n, _ := new(big.Int).SetString(s, 16)
	return n.FillBytes(make([]byte, 32))
}

// weakRSA has a modulus of 1024 bits. It is a product of nothing: only its length is looked at.
func weakRSA(bits uint) *rsa.PublicKey {
	return &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1), E: 65537}
}

func TestParseKeySetSkipsWhatItCannotUse(t *testing.T) {
	t.Parallel()
	good := with(members(p384().Public()), "kid", "good")
	for name, jwk := range unusable() {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			material := ""
			for _, member := range []string{"n", "x", "y", "d", "k"} {
				s, _ := jwk[member].(string)
				material += s
			}
			_, skipped, err := jose.ParseKeySet(asJSON(jwk))
			if err == nil || len(skipped) > 0 {
				t.Fatalf("alone: %v, skipped %v", err, skipped)
			}
			quotes(t, err, material)
			if strings.HasPrefix(name, "private") && !strings.Contains(err.Error(), "private key") {
				t.Errorf("the error does not say what is wrong: %v", err)
			}
			if set, _, err := jose.ParseKeySet(jwks(jwk)); err == nil || set != nil {
				t.Error("a set without a usable key is accepted")
			}
			set, skipped, err := jose.ParseKeySet(jwks(jwk, good))
			if err != nil || len(skipped) != 1 || only(t, set, err).ID != "good" {
				t.Fatalf("in a set: %d keys, skipped %v, %v", set.Len(), skipped, err)
			}
			quotes(t, skipped[0], material)
		})
	}
	t.Run("ok/kid named, quoted and cut", func(t *testing.T) {
		t.Parallel()
		bad := map[string]any{"kty": "new", "kid": "a\n\x1b[31m" + repeat("x", 500)}
		_, skipped, err := jose.ParseKeySet(jwks(bad, good))
		if err != nil || len(skipped) != 1 {
			t.Fatal(err, skipped)
		}
		if text := skipped[0].Error(); strings.ContainsAny(text, "\n\x1b") || len(text) > 150 || !strings.Contains(text, `"a\n`) {
			t.Errorf("got %q", text)
		}
	})
}
