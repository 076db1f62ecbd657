package jose_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// pair is a signer of the standard library and the key that verifies it.
type pair struct {
	sign signer
	key  *jose.Key
}

// pairs has one for every algorithm. RSA keys come from PEM and so fit six of them.
func pairs(t testing.TB) map[jose.Algorithm]pair {
	t.Helper()
	shared, err := jose.Secret(secret)
	mac := only(t, shared, err)
	public := func(k crypto.PublicKey) *jose.Key { return only(t, keySet(t, spki(k)), nil) }
	r, e := rsaKey(), edKey()
	key := public(r.Public())
	return map[jose.Algorithm]pair{
		jose.HS256: {hs(crypto.SHA256, secret), mac},
		jose.HS384: {hs(crypto.SHA384, secret), mac},
		jose.HS512: {hs(crypto.SHA512, secret), mac},
		jose.RS256: {rs(crypto.SHA256, r), key},
		jose.RS384: {rs(crypto.SHA384, r), key},
		jose.RS512: {rs(crypto.SHA512, r), key},
		jose.PS256: {ps(crypto.SHA256, r, 32), key},
		jose.PS384: {ps(crypto.SHA384, r, 48), key},
		jose.PS512: {ps(crypto.SHA512, r, 64), key},
		jose.ES256: {es(crypto.SHA256, p256()), public(p256().Public())},
		jose.ES384: {es(crypto.SHA384, p384()), public(p384().Public())},
		jose.ES512: {es(crypto.SHA512, p521()), public(p521().Public())},
		jose.EdDSA: {ed(e), public(e.Public())},
	}
}

// headed is a token whose header says alg, whatever signs it.
func headed(alg string, sign signer) string {
	return token(`{"alg":`+quoted(alg)+`}`, payload, sign)
}

func TestVerifiesEveryAlgorithm(t *testing.T) {
	t.Parallel()
	all := pairs(t)
	for a, p := range all {
		t.Run("ok/"+a.String(), func(t *testing.T) {
			t.Parallel()
			got, err := verify(headed(a.String(), p.sign), p.key)
			if err != nil || string(got) != payload {
				t.Fatalf("got %q, %v", got, err)
			}
		})
	}
	t.Run("ok/Ed25519", func(t *testing.T) {
		t.Parallel()
		if _, err := verify(headed("Ed25519", all[jose.EdDSA].sign), all[jose.EdDSA].key); err != nil {
			t.Error(err)
		}
	})
}

// The header may only agree with the key: every header that names another algorithm than signed is refused, and so is
// every key of another kind.
func TestRefusesAlgorithmThatDiffers(t *testing.T) {
	t.Parallel()
	all := pairs(t)
	for signed, p := range all {
		t.Run("deny/"+signed.String(), func(t *testing.T) {
			t.Parallel()
			for named, other := range all {
				if named == signed {
					continue
				}
				raw := headed(named.String(), p.sign)
				for _, key := range []*jose.Key{p.key, other.key} {
					want := jose.ErrAlgorithm
					if key.Fits(named) {
						want = jose.ErrSignature
					}
					_, err := verify(raw, key)
					refuses(t, err, want, raw)
				}
			}
		})
	}
}

func TestRefusesChangedToken(t *testing.T) {
	t.Parallel()
	for a, p := range pairs(t) {
		t.Run("deny/"+a.String(), func(t *testing.T) {
			t.Parallel()
			header := `{"alg":` + quoted(a.String()) + `}`
			signature := p.sign([]byte(b64(header) + "." + b64(payload)))
			flipped := append([]byte{}, signature...)
			flipped[len(flipped)/2] ^= 1
			constant := func(b []byte) signer { return func([]byte) []byte { return b } }
			for name, raw := range map[string]string{
				"payload":         token(header, payload+" ", constant(signature)),
				"header":          token(header+" ", payload, constant(signature)),
				"flipped bit":     token(header, payload, constant(flipped)),
				"cut":             token(header, payload, constant(signature[:len(signature)-1])),
				"longer":          token(header, payload, constant(append(signature[:len(signature):len(signature)], 0))),
				"zero in front":   token(header, payload, constant(append([]byte{0}, signature...))),
				"all zero":        token(header, payload, constant(make([]byte, len(signature)))),
				"one byte":        token(header, payload, constant([]byte{0})),
				"far too long":    token(header, payload, constant(make([]byte, 5<<10))),
				"signed payload":  token(header, payload, func([]byte) []byte { return p.sign([]byte(payload)) }),
				"signed nothing":  token(header, payload, func([]byte) []byte { return p.sign(nil) }),
				"signed with dot": token(header, payload, func(in []byte) []byte { return p.sign(append(in, '.')) }),
			} {
				got, err := verify(raw, p.key)
				if err == nil || got != nil {
					t.Errorf("%s: accepted", name)
					continue
				}
				refuses(t, err, jose.ErrSignature, raw)
			}
		})
	}
}

func TestRefusesHMACWithBytesOfPublicKey(t *testing.T) {
	t.Parallel()
	for a, p := range pairs(t) {
		if a.Symmetric() {
			continue
		}
		t.Run("deny/"+a.String(), func(t *testing.T) {
			t.Parallel()
			public := map[jose.Algorithm]crypto.PublicKey{
				jose.ES256: p256().Public(), jose.ES384: p384().Public(), jose.ES512: p521().Public(), jose.EdDSA: edKey().Public(),
			}[a]
			if public == nil {
				public = rsaKey().Public()
			}
			text := spki(public)
			der := must(x509.MarshalPKIXPublicKey(public))
			jwk := asJSON(members(public))
			for _, known := range [][]byte{
				text, text[:len(text)-1], der, jwk, jwks(members(public)), append(jwk, '\n'), []byte(p.key.Thumbprint), {}, {0}, nil,
			} {
				for alg, hash := range map[string]crypto.Hash{"HS256": crypto.SHA256, "HS384": crypto.SHA384, "HS512": crypto.SHA512} {
					raw := headed(alg, hs(hash, known))
					_, err := verify(raw, p.key)
					refuses(t, err, jose.ErrAlgorithm, raw)
				}
			}
		})
	}
}

func TestVerifyWithoutKey(t *testing.T) {
	t.Parallel()
	raw := headed("HS256", hs(crypto.SHA256, nil))
	for _, key := range []*jose.Key{nil, {}, {ID: "a"}} {
		_, err := verify(raw, key)
		refuses(t, err, jose.ErrAlgorithm, raw)
	}
	var set *jose.KeySet
	if set.Find(jose.Header{Algorithm: jose.HS256}) != nil || set.Has(&jose.Key{}) || set.Len() != 0 || set.Keys() != nil {
		t.Error("no set has a key")
	}
}

// RFC 7518 §3.5: the salt is as long as the hash. jwx takes any.
func TestRefusesSaltOfAnotherLength(t *testing.T) {
	t.Parallel()
	key := pairs(t)[jose.PS256].key
	for alg, hash := range map[string]crypto.Hash{"PS256": crypto.SHA256, "PS384": crypto.SHA384, "PS512": crypto.SHA512} {
		for _, salt := range []int{1, 20, hash.Size() - 1, hash.Size() + 1, rsa.PSSSaltLengthAuto} {
			t.Run(fmt.Sprintf("deny/%s/%d", alg, salt), func(t *testing.T) {
				t.Parallel()
				raw := headed(alg, ps(hash, rsaKey(), salt))
				_, err := verify(raw, key)
				refuses(t, err, jose.ErrSignature, raw)
			})
		}
	}
}

// An odd token must leave nothing behind that the next one meets.
func TestVerifyKeepsNoState(t *testing.T) {
	t.Parallel()
	all := pairs(t)
	for range 4 {
		for a, p := range all {
			t.Run("ok/"+a.String(), func(t *testing.T) {
				t.Parallel()
				good := must(jose.Parse(headed(a.String(), p.sign)))
				bad := must(jose.Parse(headed(a.String(), func([]byte) []byte { return make([]byte, 64) })))
				for range 3 {
					if _, err := bad.Verify(p.key); err == nil {
						t.Error("accepted")
					}
					if _, err := good.Verify(p.key); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
}
