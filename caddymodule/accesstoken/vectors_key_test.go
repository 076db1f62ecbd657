package accesstoken_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"strings"
)

// keyVectors ask for a key that the token may not have: public keys as secrets (RFC 8725 §2.1), other issuers' keys, and
// what stands in a set without being usable.
func (k keys) keyVectors() []vector {
	var all []vector
	// To the issuer whose public key everybody knows, with its kid and without; and to the nameless secret.
	for name, secret := range map[string]string{
		"pem": k.publicPEM, "pem-stripped": strings.TrimSpace(k.publicPEM), "pem-crlf": strings.ReplaceAll(k.publicPEM, "\n", "\r\n"),
		"der": string(must(x509.MarshalPKIXPublicKey(k.rsa.Public()))), "pkcs1": string(x509.MarshalPKCS1PublicKey(&k.rsa.PublicKey)),
		"jwk": k.publicJWK, "jwks": k.jwks(), "modulus": string(k.rsa.N.Bytes()), "ec-pem": spki(k.p256.Public()), "ec-jwks": k.ecJWKS,
		"ed25519": string(k.ed25519.Public().(ed25519.PublicKey)), "empty": "", "kid": "rsa",
	} {
		mac := hs(crypto.SHA256, []byte(secret))
		why := "HS256 keyed with what is no secret: " + name
		all = append(all,
			vector{name: "confusion-" + name, expect: "unknown_key", rows: "J6 A1 A5", why: why, token: sign(header("HS256", "rsa"), claims(), mac)},
			vector{name: "confusion-" + name + "-no-kid", expect: "unknown_key", rows: "J6 A1 A5", why: why + ", without a kid", token: sign(header("HS256", ""), claims(), mac)},
			vector{name: "confusion-" + name + "-pem-issuer", expect: "unknown_key", rows: "J6 A1 A5", why: why + ", to an issuer of one PEM key", token: sign(header("HS256", ""), claims("iss", `"`+bare+`"`, "aud", ""), mac)},
			vector{name: "confusion-" + name + "-nameless", expect: "bad_signature", rows: "J6 A1 A5", why: why + ", to the nameless secret", token: sign(header("HS256", "rsa"), nameless(), mac)},
		)
	}
	rs256, es256, hs256 := rs(crypto.SHA256, k.rsa), es(crypto.SHA256, k.p256), hs(crypto.SHA256, k.secret)
	foreign := es(crypto.SHA256, k.stranger)
	kid := func(kid string) string { return sign(header("RS256", "", "kid", `"`+kid+`"`), claims(), rs256) }
	return append(all, expecting("unknown_key", []vector{
		{name: "kid-unknown", rows: "J8", why: "a kid that no key bears", token: kid("rsb")},
		{name: "kid-case", rows: "J8", why: "the kid in another case", token: kid("RSA")},
		{name: "kid-empty", rows: "J8 D8", why: "an empty kid", token: kid("")},
		{name: "kid-path", rows: "J8 D8", why: "a kid that is a path", token: kid("../../../../dev/null")},
		{name: "kid-url", rows: "J8 S2", why: "a kid that is an address", token: kid("https://evil.example/key")},
		{name: "kid-sql", rows: "J8 D8", why: "a kid that is SQL", token: kid("' UNION SELECT 'rsa' --")},
		{name: "kid-nul", rows: "J8 D8", why: "a kid with NUL behind it", token: kid(`rsa\u0000`)},
		{name: "kid-pem-issuer", rows: "J8", why: "a kid, to an issuer whose key has none", token: sign(header("RS256", "rsa"), claims("iss", `"`+bare+`"`, "aud", ""), rs256)},
		{name: "kid-of-other-kind", rows: "J6 J8", why: "RS256 with the kid of the EC key", token: sign(header("RS256", "p256"), claims(), rs256)},
		{name: "kid-of-other-curve", rows: "J6 J10", why: "ES256 with the kid of the P-384 key, which signed", token: sign(header("ES256", "p384"), claims(), es(crypto.SHA256, k.p384))},
		{name: "key-small", rows: "J10 A3", why: "signed with the set's RSA key of 1024 bits", token: sign(header("RS256", "small"), claims(), rs(crypto.SHA256, k.rsa1024))},
		{name: "key-oct", rows: "J9 J6", why: "signed with the secret that stands in the public set", token: sign(header("HS256", "oct"), claims(), hs256)},
		{name: "key-twice", rows: "J9", why: "signed with one of two keys that bear its kid", token: sign(header("ES256", "twice"), claims(), es256)},
		{name: "key-for-encryption", rows: "J9", why: "signed with a key whose use is enc", token: sign(header("ES256", "encryption"), claims(), foreign)},
		{name: "key-asymmetric-nameless", rows: "J6", why: "RS256, to the nameless secret", token: sign(header("RS256", "rsa"), nameless(), rs256)},
		{name: "key-of-another-issuer", expect: "bad_signature", rows: "A9", why: "signed by another issuer's key, under the kid of ours", token: sign(header("ES256", "p256"), claims(), foreign)},
		{name: "key-secret-for-issuer", rows: "A9", why: "signed with the site's secret in a provider's name", token: sign(header("HS256", ""), claims(), hs256)},
		{name: "key-no-kid", expect: "ok", rows: "J8", why: "no kid, and one key fits", token: sign(header("RS256", ""), claims(), rs256)},
		{name: "key-pem", expect: "ok", rows: "J8", why: "no kid on either side", token: sign(header("RS256", ""), claims("iss", `"`+bare+`"`, "aud", ""), rs256)},
		{name: "key-secret-any-kid", expect: "ok", rows: "J8", why: "a secret without a kid does not look at the token's", token: sign(header("HS256", "whatever"), nameless(), hs256)},
	})...)
}
