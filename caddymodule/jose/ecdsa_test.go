package jose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/asn1"
	"math/big"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// A signature (R, S) has a twin (R, n-S) that verifies as well. Both have the same signing input, which is why that is
// the fingerprint.
func TestSignatureTwinHasSameFingerprint(t *testing.T) {
	t.Parallel()
	for alg, k := range map[string]struct {
		hash crypto.Hash
		key  *ecdsa.PrivateKey
	}{"ES256": {crypto.SHA256, p256()}, "ES384": {crypto.SHA384, p384()}, "ES512": {crypto.SHA512, p521()}} {
		t.Run("ok/"+alg, func(t *testing.T) {
			t.Parallel()
			sign := es(k.hash, k.key)
			var signature []byte
			first := headed(alg, func(input []byte) []byte {
				signature = sign(input)
				return signature
			})
			size := len(signature) / 2
			r := new(big.Int).SetBytes(signature[:size])
			s := new(big.Int).SetBytes(signature[size:])
			s.Sub(k.key.Params().N, s)
			twin := headed(alg, func([]byte) []byte { return rAndS(k.key, r, s) })
			if twin == first {
				t.Fatal("no twin")
			}
			one, two := must(jose.Parse(first)), must(jose.Parse(twin))
			if one.SigningInput != two.SigningInput {
				t.Error("two fingerprints")
			}
			key := keySet(t, spki(k.key.Public())).Keys()[0]
			if _, err := one.Verify(key); err != nil {
				t.Error(err)
			}
			if _, err := two.Verify(key); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRefusesOddECDSASignatures(t *testing.T) {
	t.Parallel()
	key := pairs(t)[jose.ES256].key
	n := p256().Params().N
	zero, one := new(big.Int), big.NewInt(1)
	over := new(big.Int).Add(n, one)
	wide := func(r, s *big.Int) signer { return func([]byte) []byte { return rAndS(p256(), r, s) } }
	for name, sign := range map[string]signer{
		"R and S zero": wide(zero, zero),
		"R zero":       wide(zero, one),
		"S zero":       wide(one, zero),
		"R is n":       wide(n, one),
		"S is n":       wide(one, n),
		"beyond n":     wide(over, over),
		"all ones":     func([]byte) []byte { return []byte(repeat("\xff", 64)) },
		"ASN.1": func(input []byte) []byte {
			return must(ecdsa.SignASN1(nil, p256(), sum(crypto.SHA256, input)))
		},
		"ASN.1 of zeros":  func([]byte) []byte { return must(asn1.Marshal([]*big.Int{zero, zero})) },
		"length of P-384": func(input []byte) []byte { return append(es(crypto.SHA256, p256())(input), make([]byte, 32)...) },
		"zero before S": func(input []byte) []byte {
			b := es(crypto.SHA256, p256())(input)
			return append(append(b[:32:32], 0), b[32:]...)
		},
		"21 830 characters": func([]byte) []byte { return make([]byte, 5900) },
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			raw := headed("ES256", sign)
			_, err := verify(raw, key)
			refuses(t, err, jose.ErrSignature, raw)
		})
	}
	t.Run("deny/S beyond the order", func(t *testing.T) {
		t.Parallel()
		// Ed25519 with S + L would be another spelling (RFC 8032 §5.1.7).
		l, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
		raw := headed("EdDSA", func(input []byte) []byte {
			b := ed25519.Sign(edKey(), input)
			s := new(big.Int).Add(little(b[32:]), l)
			be := s.FillBytes(make([]byte, 32))
			for i := range be {
				b[63-i] = be[i]
			}
			return b
		})
		_, err := verify(raw, pairs(t)[jose.EdDSA].key)
		refuses(t, err, jose.ErrSignature, raw)
	})
}

func little(b []byte) *big.Int {
	be := make([]byte, len(b))
	for i := range b {
		be[len(b)-1-i] = b[i]
	}
	return new(big.Int).SetBytes(be)
}
