package jose_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

var (
	otherP256 = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	p224      = must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
)

// weakRSA has a modulus of 1024 bits. It is a product of nothing: only its length is looked at.
func weakRSA(bits uint) *rsa.PublicKey {
	return &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1), E: 65537}
}

func certificate(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1, 0)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

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
		"RSA e of 9 bytes":             r("e", b64([]byte("\x01\x00\x00\x00\x00\x00\x00\x00\x01"))),
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

func TestParseKeySetRefuses(t *testing.T) {
	t.Parallel()
	r := rsaKey().Public()
	good := string(asJSON(members(r)))
	private := must(x509.MarshalPKCS8PrivateKey(rsaKey()))
	text := string(spki(r))
	for name, test := range map[string]struct{ text, says string }{
		"nothing":                     {"", ""},
		"white space":                 {" \n", ""},
		"text":                        {"hello", ""},
		"HTML":                        {"<html></html>", ""},
		"null":                        {"null", ""},
		"array":                       {"[" + good + "]", ""},
		"empty object":                {"{}", ""},
		"keys null":                   {`{"keys":null}`, ""},
		"keys an object":              {`{"keys":{}}`, ""},
		"keys empty":                  {`{"keys":[]}`, "no usable key"},
		"keys twice":                  {`{"keys":[` + good + `],"keys":[` + good + `]}`, "twice"},
		"a member twice":              {`{"kty":"oct",` + good[1:], "twice"},
		"a member twice, in a set":    {`{"keys":[{"n":"AA",` + good[1:] + `]}`, "twice"},
		"a member twice, escaped":     {`{"\u006e":"AA",` + good[1:], "twice"},
		"two JWKs":                    {good + good, "more than one"},
		"JWK and PEM":                 {good + text, ""},
		"byte order mark":             {"\ufeff" + good, ""},
		"too long":                    {`{"pad":"` + repeat("x", 1<<20) + `",` + good[1:], "longer"},
		"257 keys":                    {string(jwks(slices.Repeat([]any{members(r)}, 257)...)), "256"},
		"PEM PKCS #8":                 {string(block("PRIVATE KEY", private)), "private key; give the latch the public one"},
		"PEM PKCS #1 private":         {string(block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()))), "private key; give"},
		"PEM SEC 1":                   {string(block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(p256())))), "private key; give"},
		"PEM openssl ecparam":         {string(block("EC PARAMETERS", []byte{6, 0})) + string(block("EC PRIVATE KEY", []byte{1})), "private key; give"},
		"PEM encrypted":               {string(block("ENCRYPTED PRIVATE KEY", []byte{1})), "private key; give"},
		"PEM OpenSSH":                 {string(block("OPENSSH PRIVATE KEY", []byte{1})), "private key; give"},
		"PEM public, then private":    {text + string(block("PRIVATE KEY", private)), "private key; give"},
		"PEM request":                 {string(block("CERTIFICATE REQUEST", []byte{1})), ""},
		"PEM garbage":                 {string(block("PUBLIC KEY", []byte("hello"))), ""},
		"PEM garbage certificate":     {string(block("CERTIFICATE", []byte("hello"))), ""},
		"PEM garbage PKCS #1":         {string(block("RSA PUBLIC KEY", []byte("hello"))), ""},
		"PEM trailing bytes":          {string(block("PUBLIC KEY", append(must(x509.MarshalPKIXPublicKey(r)), 0))), ""},
		"PEM cut":                     {text[:len(text)/2], "damaged"},
		"PEM whole, then cut":         {text + string(spki(p256().Public()))[:60], "damaged"},
		"PEM cut, then whole":         {text[:len(text)-30] + "\n" + string(spki(p256().Public())), "damaged"},
		"PEM twice the same":          {text + text, ""},
		"PEM RSA 1024":                {string(spki(weakRSA(1024))), "1024"},
		"PEM P-224":                   {string(spki(p224.Public())), "curve"},
		"PEM Ed25519 of small order":  {string(spki(ed25519.PublicKey(make([]byte, 32)))), ""},
		"PEM X25519":                  {string(spki(must(ecdh.X25519().GenerateKey(rand.Reader)).PublicKey())), "kind of key"},
		"ssh public key":              {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI ana@home", ""},
		"base64 of a key without PEM": {base64.StdEncoding.EncodeToString(private), ""},
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			set, _, err := jose.ParseKeySet([]byte(test.text))
			if err == nil || set != nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q does not say %q", err, test.says)
			}
			quotes(t, err, base64.StdEncoding.EncodeToString(private))
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
