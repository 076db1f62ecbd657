package attacks_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // registers SHA-256 with package crypto
	_ "crypto/sha512" // registers SHA-384 and SHA-512
	"encoding/base64"
	"math/big"
	"sync"
)

// Everything here signs with the standard library and by hand, never with package jose: a mistake there must not hide
// itself.

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func b64[T string | []byte](v T) string { return base64.RawURLEncoding.EncodeToString([]byte(v)) }

// The keys of these tests, one of each kind, made once. The secret is long enough for every HS algorithm.
var (
	rsaKey = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	p256   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	p521   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)) })
	edKey  = sync.OnceValue(func() ed25519.PrivateKey { _, k := must2(ed25519.GenerateKey(rand.Reader)); return k })
	secret = sync.OnceValue(func() []byte { b := make([]byte, 64); _, _ = rand.Read(b); return b })
)

func must2[A, B any](a A, b B, err error) (A, B) {
	if err != nil {
		panic(err)
	}
	return a, b
}

// A signer signs header.payload.
type signer func(input string) []byte

// compact is header.payload.signature; header and payload are written as they are given.
func compact(header, payload string, sign signer) string {
	input := b64(header) + "." + b64(payload)
	return input + "." + b64(sign(input))
}

func digest(h crypto.Hash, input string) []byte {
	d := h.New()
	d.Write([]byte(input))
	return d.Sum(nil)
}

// hs is an HMAC (RFC 7518 §3.2) with any key, a public one's text too.
func hs(h crypto.Hash, key []byte) signer {
	return func(input string) []byte {
		m := hmac.New(h.New, key)
		m.Write([]byte(input))
		return m.Sum(nil)
	}
}

// rs is RSASSA-PKCS1-v1_5 (RFC 7518 §3.3).
func rs(h crypto.Hash, key *rsa.PrivateKey) signer {
	return func(input string) []byte { return must(rsa.SignPKCS1v15(nil, key, h, digest(h, input))) }
}

// ps is RSASSA-PSS (RFC 7518 §3.5) with a salt of so many bytes.
func ps(h crypto.Hash, key *rsa.PrivateKey, salt int) signer {
	return func(input string) []byte {
		return must(rsa.SignPSS(rand.Reader, key, h, digest(h, input), &rsa.PSSOptions{SaltLength: salt}))
	}
}

// es is ECDSA (RFC 7518 §3.4).
func es(h crypto.Hash, key *ecdsa.PrivateKey) signer {
	return func(input string) []byte {
		r, s := must2(ecdsa.Sign(rand.Reader, key, digest(h, input)))
		return numbers(key.Curve, r, s)
	}
}

// numbers is R and S, each as long as the order of the curve.
func numbers(curve elliptic.Curve, r, s *big.Int) []byte {
	size := (curve.Params().N.BitLen() + 7) / 8
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
}

// twin is the other signature that verifies: R and n-S.
func twin(curve elliptic.Curve, signature []byte) []byte {
	size := len(signature) / 2
	r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
	return numbers(curve, r, s.Sub(curve.Params().N, s))
}

// ed is Ed25519 (RFC 8037 §3.1).
func ed(key ed25519.PrivateKey) signer {
	return func(input string) []byte { return ed25519.Sign(key, []byte(input)) }
}

// given is a signature that does not look at what it signs.
func given(signature []byte) signer { return func(string) []byte { return signature } }
