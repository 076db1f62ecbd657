package accesstoken_test

import (
	"crypto"
	"strings"
)

// signatureVectors have a good form and a signature that is not the key's, or not as the header's algorithm has it.
func (k keys) signatureVectors() []vector {
	rs256, es256, hs256 := rs(crypto.SHA256, k.rsa), es(crypto.SHA256, k.p256), hs(crypto.SHA256, k.secret)
	by := func(name, rows, why, alg, kid string, s signer) vector {
		payload := claims()
		if strings.HasPrefix(alg, "HS") {
			payload = nameless()
		}
		return vector{name: "signature-" + name, rows: rows, why: why, token: sign(header(alg, kid), payload, s)}
	}
	cut := func(s signer, from, to int) signer {
		return func(input string) []byte { b := s(input); return b[from : len(b)+to] }
	}
	after := func(s signer, change func(b []byte)) signer {
		return func(input string) []byte { b := s(input); change(b); return b }
	}
	good := strings.Split(sign(header("RS256", "rsa"), claims(), rs256), ".")
	other := strings.Split(sign(header("RS256", "rsa"), claims("scope", `"door:admin"`), rs256), ".")
	n := k.p256.Params().N
	twin := by("ec-twin", "J10", "the signature's twin (R, n-S) verifies: nothing may be remembered by a signature", "ES256", "p256", esTwin(crypto.SHA256, k.p256))
	twin.expect = "ok"
	return append(expecting("bad_signature", []vector{
		{name: "signature-other-payload", rows: "J6 A12", why: "the payload was changed", token: good[0] + "." + other[1] + "." + good[2]},
		{name: "signature-other-header", rows: "J6", why: "the header was changed", token: b64(header("RS256", "rsa", "x", "1")) + "." + good[1] + "." + good[2]},
		{name: "signature-expired", rows: "A12", why: "expired and forged is forged", token: sign(header("RS256", "rsa"), claims("exp", "1"), given(make([]byte, 256)))},
		{name: "signature-foreign-audience", rows: "A12", why: "forged, and not meant for us", token: sign(header("ES256", "p256"), claims("aud", `"x"`), es(crypto.SHA256, k.stranger))},
		by("rs256-as-rs512", "J6", "a signature of RS256 under RS512", "RS512", "rsa", rs256),
		by("rs512-as-rs256", "J6", "a signature of RS512 under RS256", "RS256", "rsa", rs(crypto.SHA512, k.rsa)),
		by("ps256-as-rs256", "J6", "PSS under RS256", "RS256", "rsa", ps(crypto.SHA256, k.rsa, 32)),
		by("rs256-as-ps256", "J6", "PKCS #1 v1.5 under PS256", "PS256", "rsa", rs256),
		by("ps256-as-ps384", "J6", "a signature of PS256 under PS384", "PS384", "rsa", ps(crypto.SHA256, k.rsa, 32)),
		by("salt-none", "J10", "PSS without a salt", "PS256", "rsa", ps(crypto.SHA256, k.rsa, 0)),
		by("salt-short", "J10", "a salt one byte short", "PS256", "rsa", ps(crypto.SHA256, k.rsa, 31)),
		by("salt-long", "J10", "the longest salt that fits", "PS256", "rsa", ps(crypto.SHA256, k.rsa, 256-32-2)),
		by("salt-sha512", "J10", "a salt as long as another hash", "PS256", "rsa", ps(crypto.SHA256, k.rsa, 64)),
		by("rsa-short", "J10", "a byte short", "RS256", "rsa", cut(rs256, 0, -1)),
		by("rsa-leading-zero", "J10", "a zero in front", "RS256", "rsa", func(input string) []byte { return append([]byte{0}, rs256(input)...) }),
		by("rsa-zero", "J10", "zeros", "RS256", "rsa", given(make([]byte, 256))),
		by("rsa-one", "J10", "the number 1", "RS256", "rsa", given(append(make([]byte, 255), 1))),
		by("rsa-plus-modulus", "J10", "larger than the modulus", "RS256", "rsa", given([]byte(strings.Repeat("\xff", 256)))),
		by("rsa-1024", "J10", "by the RSA key of 1024 bits, under the kid of the other", "RS256", "rsa", rs(crypto.SHA256, k.rsa1024)),
		by("ec-der", "J10", "a signature as X.509 writes it", "ES256", "p256", esDER(crypto.SHA256, k.p256)),
		by("ec-zero", "J10", "R and S are 0 (CVE-2022-21449)", "ES256", "p256", given(make([]byte, 64))),
		by("ec-order", "J10", "R and S are the group's order", "ES256", "p256", given(esJoin(k.p256, n, n))),
		by("ec-short", "J10 D7", "a byte short", "ES256", "p256", cut(es256, 0, -1)),
		by("ec-half", "J10 D7", "R alone", "ES256", "p256", cut(es256, 0, -32)),
		by("ec-zero-in-front", "J10", "R and S with a zero in front of each", "ES256", "p256", func(input string) []byte {
			b := es256(input)
			return append(append([]byte{0}, b[:32]...), append([]byte{0}, b[32:]...)...)
		}),
		by("ec-other-hash", "J6", "P-256 with SHA-512", "ES256", "p256", es(crypto.SHA512, k.p256)),
		by("ec-changed", "J6", "one bit of R", "ES256", "p256", after(es256, func(b []byte) { b[0] ^= 1 })),
		by("ed-changed", "J6", "one bit", "EdDSA", "ed25519", after(ed(k.ed25519), func(b []byte) { b[5] ^= 1 })),
		by("ed-plus-order", "J10", "S and the group's order (RFC 8032 §5.1.7): a second spelling", "EdDSA", "ed25519", edPlusOrder(k.ed25519)),
		by("ed-zero", "J10", "zeros", "EdDSA", "ed25519", given(make([]byte, 64))),
		by("ed-short", "J10 D7", "a byte short", "EdDSA", "ed25519", cut(ed(k.ed25519), 0, -1)),
		by("hs-cut", "J10", "half of the MAC", "HS256", "", cut(hs256, 0, -16)),
		by("hs-one-byte", "J10 D7", "one byte of the MAC", "HS256", "", cut(hs256, 0, -31)),
		by("hs-longer", "J10", "the MAC and a byte", "HS256", "", func(input string) []byte { return append(hs256(input), 0) }),
		by("hs-zero", "J10", "zeros", "HS256", "", given(make([]byte, 32))),
		by("hs256-as-hs512", "J6", "a MAC of HS256 under HS512", "HS512", "", hs256),
		by("hs-secret-twice", "J6", "a MAC by the secret and itself", "HS256", "", hs(crypto.SHA256, append(k.secret, k.secret...))),
		by("hs-secret-longer", "J6", "a MAC by the secret and a line end", "HS256", "", hs(crypto.SHA256, append(k.secret, '\n'))),
	}), twin)
}
