package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
)

// modulus of a generated RSA key, in bits: a key that signs for years should outlive 2048 (NIST SP 800-57).
const modulus = 3072

// GenerateKey makes a key of alg: RSA with 3072 bits, a secret as long as its hash. Its kid is its RFC 7638 thumbprint,
// but 128 random bits for a secret: a thumbprint stands in every token, and there it would be a hash of the secret
// (RFC 7638 §7).
func GenerateKey(alg Algorithm) (*SigningKey, error) {
	var private any
	var err error
	switch s := alg.scheme(); s.family {
	case familyHMAC:
		private = random(s.hash.Size())
	case familyPKCS1, familyPSS:
		private, err = rsa.GenerateKey(rand.Reader, modulus)
	case familyECDSA:
		private, err = ecdsa.GenerateKey(map[string]elliptic.Curve{
			"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521(),
		}[s.curve], rand.Reader)
	case familyEd25519:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		return nil, ErrAlgorithm
	}
	if err != nil {
		return nil, fmt.Errorf("generating key: %w", err)
	}
	id := base64.RawURLEncoding.EncodeToString(random(16))
	if signer, ok := private.(crypto.Signer); ok {
		if id, err = thumbprint(signer.Public()); err != nil {
			return nil, err
		}
	}
	return newSigningKey(private, id, alg)
}

// random returns n bytes; crypto/rand never fails, it ends the program.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// newSigningKey binds private to alg, and makes sure that its halves belong together: what it signs must verify.
func newSigningKey(private any, id string, alg Algorithm) (*SigningKey, error) {
	k := &SigningKey{ID: id, Algorithm: alg, private: private}
	switch p := private.(type) {
	case []byte:
		set, err := Secret(p, alg)
		if err != nil {
			return nil, err
		}
		k.verifier = set
	case crypto.Signer:
		public, err := newKey(p.Public(), id, alg)
		if err != nil {
			return nil, err
		}
		k.verifier = &KeySet{keys: []*Key{public}}
	default:
		return nil, errors.New("not a key that signs")
	}
	raw, err := k.Sign("", []byte("{}"))
	if err != nil {
		return nil, err
	}
	c, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	if _, err := c.Verify(k.verifier.keys[0]); err != nil {
		return nil, errors.New("the private key does not belong to its public one")
	}
	return k, nil
}
