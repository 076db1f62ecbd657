package accesstoken_test

import (
	"crypto"
	"strings"
)

// headerVectors are well signed, each under a header that would change how the token is read, brings its own key, or
// can be read in two ways.
func (k keys) headerVectors() []vector {
	rs256 := rs(crypto.SHA256, k.rsa)
	stranger := jwk("mine", k.stranger.Public())
	with := func(name, rows, why string, changes ...string) vector {
		return vector{name: "header-" + name, rows: rows, why: why, token: sign(header("RS256", "rsa", changes...), claims(), rs256)}
	}
	raw := func(name, rows, why, header string) vector {
		return vector{name: "header-" + name, rows: rows, why: why, token: sign(header, claims(), rs256)}
	}
	good := header("RS256", "rsa")
	inside := strings.TrimSuffix(good, "}")
	own := func(alg, member, value string) string {
		return sign(header(alg, "mine", member, value), claims(), es(crypto.SHA256, k.stranger))
	}
	return append(expecting("malformed_token", []vector{
		with("crit-unknown", "J2 A6", "crit names an extension that nobody knows", "bork", "true", "crit", `["bork"]`),
		with("crit-absent", "J2", "crit names a member that is not there", "crit", `["bork"]`),
		with("crit-registered", "J2", "crit names a registered member (RFC 7515 §4.1.11)", "crit", `["alg"]`),
		with("crit-exp", "J2", "crit names exp, as if the header had one", "exp", "1", "crit", `["exp"]`),
		with("crit-empty", "J2", "an empty crit", "crit", `[]`),
		with("crit-string", "J2", "crit is no array", "crit", `"exp"`),
		with("crit-null", "J2", "crit is null", "crit", `null`),
		with("crit-b64", "J2 J3 A6", "crit names b64", "b64", "true", "crit", `["b64"]`),
		with("b64-true", "J3", "b64, which a JWT must not have (RFC 7797 §7)", "b64", "true"),
		with("b64-false", "J3", "an unencoded payload", "b64", "false"),
		with("b64-false-crit", "J2 J3 A6", "an unencoded payload, as RFC 7797 §6 has it", "b64", "false", "crit", `["b64"]`),
		with("jku", "J7 S2", "a set at the sender's address", "jku", `"https://evil.example/jwks.json"`),
		with("x5u", "J7 S2", "a certificate at the sender's address", "x5u", `"https://evil.example/cert.pem"`),
		with("x5c", "J7", "the sender's own certificate", "x5c", `["MIIB"]`),
		{name: "header-jwk", rows: "J7 A1", why: "the sender's own key, which did sign", token: own("ES256", "jwk", stranger)},
		{name: "header-jku-own-key", rows: "J7 S2", why: "an address, and a signature by the key that would be found there", token: own("ES256", "jku", `"https://evil.example/jwks.json"`)},
		with("cty", "J13", "another JWT inside (RFC 7519 §5.2)", "cty", `"JWT"`),
		with("cty-json", "J13", "any content type", "cty", `"json"`),
		with("enc", "J13", "announces encryption", "enc", `"A256GCM"`),
		with("zip", "J13", "announces compression (RFC 8725 §3.6)", "zip", `"DEF"`),
		with("kid-number", "J8 D8", "kid is a number", "kid", `1`),
		with("kid-null", "J8 D8", "kid is null", "kid", `null`),
		with("kid-object", "J8 D8", "kid is an object", "kid", `{"a":"rsa"}`),
		with("kid-array", "J8 D8", "kid is an array", "kid", `["rsa"]`),
		with("kid-long", "J8 D8 J14", "a kid of 2 kB", "kid", `"`+strings.Repeat("k", 2000)+`"`),
		with("typ-number", "J5", "typ is a number", "typ", `1`),
		with("typ-empty", "J5", "an empty typ, which is not an absent one", "typ", `""`),
		raw("alg-twice", "J4", "alg twice, the good one last", `{"alg":"none",`+good[1:]),
		raw("alg-twice-first", "J4", "alg twice, the good one first", inside+`,"alg":"none"}`),
		raw("alg-twice-escaped", "J4", "alg twice, once in escapes", inside+`,"\u0061lg":"none"}`),
		raw("kid-twice", "J4", "kid twice", inside+`,"kid":"rsa"}`),
		raw("deep-twice", "J4", "a name twice, further down", inside+`,"x":{"a":1,"a":2}}`),
		raw("array", "J5", "the header is an array", `[`+good+`]`),
		raw("null", "J5", "the header is null", `null`),
		raw("empty", "J5 J6", "the header says nothing", `{}`),
		raw("no-json", "J5", "the header is no JSON", `alg=RS256`),
		raw("trailing-json", "J5", "a second header behind the first", good+`{"alg":"none"}`),
		raw("trailing-comma", "J5", "a comma too much", inside+`,}`),
		raw("byte-order-mark", "J5", "a byte order mark", "\ufeff"+good),
		raw("invalid-utf8", "J5", "bytes that are no UTF-8", inside+",\"x\":\"\xff\"}"),
		raw("comment", "J5", "a comment", "/**/"+good),
	}),
		vector{name: "header-unknown-member", expect: "ok", rows: "J2", why: "members that nobody knows are ignored without crit (RFC 7515 §4)", token: sign(header("RS256", "rsa", "x5t", `"abc"`, "nonce", `"n"`), claims(), rs256)},
		vector{name: "header-spaces", expect: "ok", rows: "J5", why: "JSON with spaces and line ends in it", token: sign(strings.ReplaceAll(good, ",", " ,\r\n "), claims(), rs256)},
	)
}
