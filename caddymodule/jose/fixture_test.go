package jose_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// payload is what most tokens of these tests carry.
const payload = `{"iss":"https://id.example","sub":"ana","exp":4102444800}`

// secret is 64 bytes long: enough for every HS algorithm.
var secret = []byte("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_")

var (
	rsaKey = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	p256   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	p521   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)) })
	edKey  = sync.OnceValue(func() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(secret[:32]) })
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func b64[T string | []byte](v T) string { return base64.RawURLEncoding.EncodeToString([]byte(v)) }

// signer signs with the standard library, so that verification is not only tested against jwx.
type signer func(input []byte) []byte

// token is header.payload signed by sign; both are written as given.
func token(header, payload string, sign signer) string {
	input := b64(header) + "." + b64(payload)
	return input + "." + b64(sign([]byte(input)))
}

func sum(h crypto.Hash, input []byte) []byte {
	d := h.New()
	d.Write(input)
	return d.Sum(nil)
}

func hs(h crypto.Hash, key []byte) signer {
	return func(input []byte) []byte {
		m := hmac.New(h.New, key)
		m.Write(input)
		return m.Sum(nil)
	}
}

func rs(h crypto.Hash, key *rsa.PrivateKey) signer {
	return func(input []byte) []byte { return must(rsa.SignPKCS1v15(rand.Reader, key, h, sum(h, input))) }
}

func ps(h crypto.Hash, key *rsa.PrivateKey, salt int) signer {
	return func(input []byte) []byte {
		return must(rsa.SignPSS(rand.Reader, key, h, sum(h, input), &rsa.PSSOptions{SaltLength: salt}))
	}
}

func es(h crypto.Hash, key *ecdsa.PrivateKey) signer {
	return func(input []byte) []byte {
		r, s, err := ecdsa.Sign(rand.Reader, key, sum(h, input))
		if err != nil {
			panic(err)
		}
		return rAndS(key, r, s)
	}
}

func rAndS(key *ecdsa.PrivateKey, r, s *big.Int) []byte {
	size := (key.Params().N.BitLen() + 7) / 8
	b := make([]byte, 2*size)
	r.FillBytes(b[:size])
	s.FillBytes(b[size:])
	return b
}

func ed(key ed25519.PrivateKey) signer {
	return func(input []byte) []byte { return ed25519.Sign(key, input) }
}

// spki is a public key as PEM.
func spki(public crypto.PublicKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(public))})
}

// members writes a public key as the members of a JWK, by hand.
func members(public crypto.PublicKey) map[string]any {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return map[string]any{"kty": "RSA", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes())}
	case *ecdsa.PublicKey:
		point := must(k.Bytes())[1:]
		size := len(point) / 2
		return map[string]any{"kty": "EC", "crv": k.Params().Name, "x": b64(point[:size]), "y": b64(point[size:])}
	case ed25519.PublicKey:
		return map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64([]byte(k))}
	}
	panic("unknown key")
}

// with adds members to a JWK, or replaces them; a nil value removes one.
func with(jwk map[string]any, pairs ...any) map[string]any {
	for i := 0; i < len(pairs); i += 2 {
		name := pairs[i].(string)
		if jwk[name] = pairs[i+1]; pairs[i+1] == nil {
			delete(jwk, name)
		}
	}
	return jwk
}

func asJSON(v any) []byte { return must(json.Marshal(v)) }

func jwks(keys ...any) []byte { return asJSON(map[string]any{"keys": keys}) }

// keySet reads keys that must all be usable.
func keySet(t testing.TB, b []byte) *jose.KeySet {
	t.Helper()
	set, skipped, err := jose.ParseKeySet(b)
	if err != nil || len(skipped) > 0 {
		t.Fatalf("key set refused: %v, skipped %v", err, skipped)
	}
	return set
}

// only is the key of a set of one.
func only(t testing.TB, set *jose.KeySet, err error) *jose.Key {
	t.Helper()
	if err != nil || set.Len() != 1 {
		t.Fatalf("want one key, got %d: %v", set.Len(), err)
	}
	return set.Keys()[0]
}

// verify takes a token through Parse and Verify.
func verify(raw string, key *jose.Key) ([]byte, error) {
	c, err := jose.Parse(raw)
	if err != nil {
		return nil, err
	}
	return c.Verify(key)
}

// refuses demands that err is of one kind and quotes no piece of the material, be it a token or a key.
func refuses(t testing.TB, err, kind error, material string) {
	t.Helper()
	if err == nil {
		t.Fatal("accepted")
	}
	if kind != nil && !errors.Is(err, kind) {
		t.Fatalf("got %v, want %v", err, kind)
	}
	quotes(t, err, material)
}

// quotes fails when err holds eight bytes of material in a row.
func quotes(t testing.TB, err error, material string) {
	t.Helper()
	for i := 0; i+8 <= len(material); i += 4 {
		if piece := material[i : i+8]; strings.Contains(err.Error(), piece) {
			t.Fatalf("the error %q quotes %q", err, piece)
		}
	}
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

func repeat(s string, n int) string { return string(bytes.Repeat([]byte(s), n)) }
