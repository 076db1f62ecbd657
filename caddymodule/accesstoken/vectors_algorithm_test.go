package accesstoken_test

import (
	"crypto"
	"fmt"
)

// algorithmVectors are one good token for each algorithm, and what is not one (RFC 7518 §3.1).
func (k keys) algorithmVectors() []vector {
	var all []vector
	good := func(name, alg, kid, payload string, s signer) {
		all = append(all, vector{
			name: name, expect: "ok", rows: "J6", why: "a good token signed with " + alg, token: sign(header(alg, kid), payload, s),
		})
	}
	for _, size := range []struct {
		bits  int
		hash  crypto.Hash
		curve string
	}{{256, crypto.SHA256, "p256"}, {384, crypto.SHA384, "p384"}, {512, crypto.SHA512, "p521"}} {
		ec := map[string]signer{
			"p256": es(size.hash, k.p256), "p384": es(size.hash, k.p384), "p521": es(size.hash, k.p521),
		}[size.curve]
		good(fmt.Sprintf("hs%d", size.bits), fmt.Sprintf("HS%d", size.bits), "", nameless(), hs(size.hash, k.secret))
		good(fmt.Sprintf("rs%d", size.bits), fmt.Sprintf("RS%d", size.bits), "rsa", claims(), rs(size.hash, k.rsa))
		good(fmt.Sprintf("ps%d", size.bits), fmt.Sprintf("PS%d", size.bits), "rsa", claims(), ps(size.hash, k.rsa, size.hash.Size()))
		good(fmt.Sprintf("es%d", size.bits), fmt.Sprintf("ES%d", size.bits), size.curve, claims(), ec)
	}
	good("eddsa", "EdDSA", "ed25519", claims(), ed(k.ed25519))
	good("ed25519", "Ed25519", "ed25519", claims(), ed(k.ed25519))

	// none is no algorithm, in no spelling, with whatever stands where a signature should.
	signature := hs(crypto.SHA256, k.secret)("")
	for i, alg := range []string{"none", "None", "NONE", "nOnE"} {
		h := header(alg, "")
		all = append(all,
			vector{name: fmt.Sprintf("none-%d-empty", i), expect: "malformed_token", rows: "J6 A3", why: "alg " + alg + " and no signature", token: b64(h) + "." + b64(nameless()) + "."},
			vector{name: fmt.Sprintf("none-%d-signed", i), expect: "malformed_token", rows: "J6 A3", why: "alg " + alg + " and some signature", token: sign(h, claims(), given(signature))},
		)
	}
	for name, alg := range map[string]string{
		"lower-case": `"rs256"`, "space": `"RS256 "`, "empty": `""`, "null": `null`, "number": `256`, "array": `["RS256"]`,
		"rs1": `"RS1"`, "es256k": `"ES256K"`, "jwe": `"RSA-OAEP"`, "jwe-dir": `"dir"`, "ed448": `"Ed448"`, "nul": `"RS256\u0000"`, "missing": ``,
	} {
		all = append(all, vector{
			name: "alg-" + name, expect: "malformed_token", rows: "J6", why: "alg is no registered name that we know",
			token: sign(header("RS256", "rsa", "alg", alg), claims(), rs(crypto.SHA256, k.rsa)),
		})
	}
	return append(all, vector{
		name: "alg-not-the-issuers", expect: "unknown_key", rows: "J6 A1", why: "a good signature, but this issuer signs with ES256 alone",
		token: sign(header("RS256", "rsa"), claims("iss", `"`+narrow+`"`), rs(crypto.SHA256, k.rsa)),
	})
}
