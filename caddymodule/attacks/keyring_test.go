package attacks_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// More issuers: one whose tokens are HMACs, and one whose key is a PEM file, as tutorials have it.
const (
	hmacIssuer = "https://hmac.example.com/"
	pemIssuer  = "https://pem.example.com/"
)

// ringSite is site behind a latch that knows keys of every kind: {$RING} is a JWK set, {$PEM} a public RSA key and
// {$SECRET} a secret. The words behind botlatch are the rules.
const ringSite = `{
	admin {$ADMIN}
	auto_https off
	botlatch {
		issuer ` + issuerName + ` {
			keys static {$KEYS} {$RING}
			audience ` + audience + `
		}
		issuer ` + hmacIssuer + ` {
			keys secret_base64 {$SECRET}
			audience ` + audience + `
		}
		issuer ` + pemIssuer + ` {
			keys static {$PEM}
			audience ` + audience + `
		}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		accept ` + issuerName + ` ` + hmacIssuer + ` ` + pemIssuer + `
		public GET /healthz
		allow GET,POST /servo/* scope drive
		allow GET,WS /steer scope drive
		allow GET /** scope observe
	}
	reverse_proxy {$BOT}
}
`

// newRing is a stage whose latch knows the keys of signatures_test.go.
func newRing(t *testing.T) *stage {
	t.Helper()
	return newStage(t, ringSite, ringEnv(t)...)
}

func ringEnv(t *testing.T) []string {
	t.Helper()
	return []string{
		"RING=" + latchtest.WriteFile(t, "ring.jwks.json", ringSet()), "PEM=" + latchtest.WriteFile(t, "rsa.pem", rsaPEM()),
		"SECRET=" + base64.StdEncoding.EncodeToString(secret()),
	}
}

// publics are the public keys of the ring, by kid.
func publics() map[string]crypto.PublicKey {
	return map[string]crypto.PublicKey{
		"rsa": rsaKey().Public(), "p256": p256().Public(), "p384": p384().Public(), "p521": p521().Public(), "ed": edKey().Public(),
	}
}

// jwk is a public key as the members of a JWK, without a kid.
func jwk(public crypto.PublicKey) map[string]any {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return map[string]any{"kty": "RSA", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes())}
	case *ecdsa.PublicKey:
		point := must(k.Bytes())[1:]
		return map[string]any{"kty": "EC", "crv": k.Params().Name, "x": b64(point[:len(point)/2]), "y": b64(point[len(point)/2:])}
	case ed25519.PublicKey:
		return map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64([]byte(k))}
	}
	panic("unknown key")
}

// thumbprint is RFC 7638's: the required members in lexical order, which is how encoding/json writes a map.
func thumbprint(public crypto.PublicKey) []byte {
	sum := sha256.Sum256(must(json.Marshal(jwk(public))))
	return sum[:]
}

// ringSet is the JWK set that the latch reads.
func ringSet() string {
	var keys []any
	for kid, public := range publics() {
		member := jwk(public)
		member["kid"], member["use"] = kid, "sig"
		keys = append(keys, member)
	}
	return string(must(json.Marshal(map[string]any{"keys": keys})))
}

// rsaPEM is the PEM file that the latch reads.
func rsaPEM() string { return spki(rsaKey().Public()) }

func spki(public crypto.PublicKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(public))}))
}

// An algorithm is how somebody signs honestly.
type algorithm struct {
	name   string
	kid    string // "": HMAC, whose tokens bear none
	issuer string
	sign   signer
	curve  elliptic.Curve // of ECDSA
}

// algorithms are all that a latch takes.
func algorithms() []algorithm {
	s := secret()
	return []algorithm{
		{"HS256", "", hmacIssuer, hs(crypto.SHA256, s), nil},
		{"HS384", "", hmacIssuer, hs(crypto.SHA384, s), nil},
		{"HS512", "", hmacIssuer, hs(crypto.SHA512, s), nil},
		{"RS256", "rsa", issuerName, rs(crypto.SHA256, rsaKey()), nil},
		{"RS384", "rsa", issuerName, rs(crypto.SHA384, rsaKey()), nil},
		{"RS512", "rsa", issuerName, rs(crypto.SHA512, rsaKey()), nil},
		{"PS256", "rsa", issuerName, ps(crypto.SHA256, rsaKey(), 32), nil},
		{"PS384", "rsa", issuerName, ps(crypto.SHA384, rsaKey(), 48), nil},
		{"PS512", "rsa", issuerName, ps(crypto.SHA512, rsaKey(), 64), nil},
		{"ES256", "p256", issuerName, es(crypto.SHA256, p256()), elliptic.P256()},
		{"ES384", "p384", issuerName, es(crypto.SHA384, p384()), elliptic.P384()},
		{"ES512", "p521", issuerName, es(crypto.SHA512, p521()), elliptic.P521()},
		{"EdDSA", "ed", issuerName, ed(edKey()), nil},
	}
}

// called is the algorithm of a name.
func called(name string) algorithm {
	for _, a := range algorithms() {
		if a.name == name {
			return a
		}
	}
	panic("unknown algorithm")
}

// header is the header of a's tokens.
func (a algorithm) header() map[string]any {
	h := map[string]any{"alg": a.name, "typ": "at+jwt"}
	if a.kid != "" {
		h["kid"] = a.kid
	}
	return h
}

// claims are those of a token that may drive, issued now.
func (a algorithm) claims(id string) map[string]any {
	now := time.Now().Unix()
	c := map[string]any{
		"iss": a.issuer, "sub": "ana", "client_id": "phone", "aud": audience, "scope": "observe drive",
		"iat": now, "nbf": now, "exp": now + 900,
	}
	if id != "" {
		c["jti"] = id
	}
	return c
}

// token is an honest token of a with a jti, whose members are replaced; nil takes one away.
func (a algorithm) token(header, claims map[string]any) string {
	return a.write(object(a.header(), header), object(a.claims("honest-"+a.name), claims))
}

// write signs a header and a payload that are given as JSON texts.
func (a algorithm) write(header, payload string) string { return compact(header, payload, a.sign) }

// object is members with some replaced, as JSON; nil takes one away, and raw stands as it is.
func object(members, replaced map[string]any) string {
	all := maps.Clone(members)
	for name, value := range replaced {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return string(must(json.Marshal(all)))
}

// raw is a JSON text, as the value of a member.
func raw(text string) json.RawMessage { return json.RawMessage(text) }

// nameless is a token of a site's own secret, which in these tests is the base64url of key.
func nameless(key []byte) string {
	a := algorithm{name: "HS256", sign: hs(crypto.SHA256, []byte(b64(key)))}
	return a.token(nil, map[string]any{"iss": nil, "aud": nil})
}
