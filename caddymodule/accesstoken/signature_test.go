package accesstoken_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
)

// Everything here signs with the standard library or by hand, never with package jose: a mistake there must not hide
// itself. Everything is deterministic: the same keys and claims make the same files.

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// keyFile is a file of testdata/keys.
func keyFile(name string) []byte {
	return must(os.ReadFile(filepath.Join("testdata", "keys", name)))
}

// private is a key of testdata/keys, read as PKCS #8.
func private[K any](name string) K {
	block, _ := pem.Decode(keyFile("test-only-" + name + ".pem"))
	return must(x509.ParsePKCS8PrivateKey(block.Bytes)).(K)
}

func b64[T string | []byte](v T) string { return base64.RawURLEncoding.EncodeToString([]byte(v)) }

type signer func(input string) []byte

// sign is header.payload.signature; header and payload are written as they are given.
func sign(header, payload string, s signer) string {
	input := b64(header) + "." + b64(payload)
	return input + "." + b64(s(input))
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

// rs is RSASSA-PKCS1-v1_5 (RFC 7518 §3.3), which has no randomness.
func rs(h crypto.Hash, key *rsa.PrivateKey) signer {
	return func(input string) []byte { return must(rsa.SignPKCS1v15(nil, key, h, digest(h, input))) }
}

// ps is RSASSA-PSS (RFC 8017 §8.1.1) with a salt of the given length. Written out, because crypto/rsa takes its salt
// from the system's randomness and knows none of length 0.
func ps(h crypto.Hash, key *rsa.PrivateKey, saltLength int) signer {
	return func(input string) []byte {
		salt := bytes.Repeat([]byte{0xa5}, saltLength)
		hashed := digest(h, string(make([]byte, 8))+string(digest(h, input))+string(salt)) // H of EMSA-PSS
		block := make([]byte, key.Size())                                                  // DB || H || 0xbc
		db := block[:len(block)-len(hashed)-1]
		db[len(db)-saltLength-1] = 1
		copy(db[len(db)-saltLength:], salt)
		for i := range db { // MGF1
			counter := []byte{0, 0, 0, byte(i / h.Size())}
			db[i] ^= digest(h, string(hashed)+string(counter))[i%h.Size()]
		}
		db[0] &= 0x7f
		copy(block[len(db):], hashed)
		block[len(block)-1] = 0xbc
		m := new(big.Int).SetBytes(block)
		return m.Exp(m, key.D, key.N).FillBytes(block)
	}
}

// es is ECDSA (RFC 7518 §3.4), deterministic as in RFC 6979.
func es(h crypto.Hash, key *ecdsa.PrivateKey) signer {
	return func(input string) []byte {
		r, s := esNumbers(h, key, input)
		return esJoin(key, r, s)
	}
}

// esTwin is the other signature that verifies: (R, n-S).
func esTwin(h crypto.Hash, key *ecdsa.PrivateKey) signer {
	return func(input string) []byte {
		r, s := esNumbers(h, key, input)
		return esJoin(key, r, s.Sub(key.Params().N, s))
	}
}

// esDER is the signature as X.509 would write it.
func esDER(h crypto.Hash, key *ecdsa.PrivateKey) signer {
	return func(input string) []byte { return must(key.Sign(nil, digest(h, input), h)) }
}

func esNumbers(h crypto.Hash, key *ecdsa.PrivateKey, input string) (r, s *big.Int) {
	var both struct{ R, S *big.Int }
	must(asn1.Unmarshal(esDER(h, key)(input), &both))
	return both.R, both.S
}

func esJoin(key *ecdsa.PrivateKey, r, s *big.Int) []byte {
	size := (key.Params().N.BitLen() + 7) / 8
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
}

// ed is Ed25519 (RFC 8037 §3.1).
func ed(key ed25519.PrivateKey) signer {
	return func(input string) []byte { return ed25519.Sign(key, []byte(input)) }
}

// edPlusOrder adds the group's order to S: the same signature to a verifier that does not look (RFC 8032 §5.1.7).
func edPlusOrder(key ed25519.PrivateKey) signer {
	return func(input string) []byte {
		signature := ed(key)(input)
		order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
		s := signature[32:]
		reverse(s) // little-endian
		n := new(big.Int).SetBytes(s)
		n.Add(n, order).FillBytes(s)
		reverse(s)
		return signature
	}
}

func reverse(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}

// given is a signature that does not look at what it signs.
func given(signature []byte) signer { return func(string) []byte { return signature } }
