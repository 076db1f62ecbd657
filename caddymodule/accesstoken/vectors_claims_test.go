package accesstoken_test

import (
	"crypto"
	"fmt"
	"strings"
)

// payloadVectors are well signed, and not one valid JSON object (RFC 7519 §7.2).
func (k keys) payloadVectors() []vector {
	good := claims()
	inside := strings.TrimSuffix(good, "}")
	of := func(name, rows, why, payload string) vector {
		return vector{name: "payload-" + name, rows: rows, why: why, token: sign(header("RS256", "rsa"), payload, rs(crypto.SHA256, k.rsa))}
	}
	spaced := of("spaces", "J5", "JSON with spaces and line ends around it and in it", " \r\n"+strings.ReplaceAll(good, ",", " ,\n")+"\t")
	spaced.expect = "ok"
	escaped := of("escaped", "J5", "iss in escapes is the same iss", strings.Replace(good, "https", `\u0068ttps`, 1))
	escaped.expect = "ok"
	nested := sign(header("RS256", "rsa"), good, rs(crypto.SHA256, k.rsa))
	return append(expecting("malformed_token", []vector{
		of("exp-twice", "J4", "exp twice", inside+`,"exp":4102444800}`),
		of("sub-twice", "J4", "sub twice", inside+`,"sub":"root"}`),
		of("scope-twice-escaped", "J4", "scope twice, once in escapes", inside+`,"\u0073cope":"door:admin"}`),
		of("iss-twice", "J4 A9", "iss twice: two parsers would ask two issuers", `{"iss":"`+strict+`",`+good[1:]),
		of("deep-twice", "J4", "a name twice, further down", inside+`,"x":[{"roles":[],"roles":["admin"]}]}`),
		of("array", "J5", "an array", `[`+good+`]`),
		of("string", "J5", "a string", `"ana"`),
		of("null", "J5", "null", `null`),
		of("number", "J5", "a number", `1`),
		of("no-json", "J5", "no JSON", `iss=`+provider),
		of("nested", "J13", "another token", nested),
		of("nested-string", "J13", "another token as a string", `"`+nested+`"`),
		of("trailing-json", "J5", "a second object behind the first", good+`{"scope":"door:admin"}`),
		of("trailing-text", "J5", "text behind the object", good+`x`),
		of("cut", "J5", "half an object", inside),
		of("trailing-comma", "J5", "a comma too much", inside+`,}`),
		of("byte-order-mark", "J5", "a byte order mark", "\ufeff"+good),
		of("nul", "J5", "NUL behind the object", good+"\x00"),
		of("invalid-utf8", "J5", "bytes that are no UTF-8", inside+",\"x\":\"\xff\xfe\"}"),
		of("overlong-utf8", "J5", "a slash in two bytes", inside+",\"x\":\"\xc0\xaf\"}"),
		of("surrogate", "J5", "half a surrogate pair", inside+`,"x":"\ud800"}`),
		of("control", "J5", "a raw line end in a string", inside+",\"x\":\"a\nb\"}"),
		of("single-quotes", "J5", "other quotes", strings.ReplaceAll(good, `"`, `'`)),
		of("empty-object", "J11", "an object that names its issuer and nothing else", `{"iss":"`+provider+`"}`),
		of("iss-number", "J5 A9", "iss is a number", claims("iss", "1")),
		of("iss-null", "J5 A9", "iss is null", claims("iss", "null")),
		of("iss-array", "J5 A9", "iss is an array with our issuer in it", claims("iss", `["`+provider+`"]`)),
	}), spaced, escaped)
}

// forms are JSON values that are not of the type asked for.
var forms = map[string]string{
	"number": `7`, "null": `null`, "true": `true`, "object": `{"a":"b"}`, "array": `["a"]`, "empty": `""`,
}

// nameVectors are well signed; a name in them is none, or not the one that we believe.
func (k keys) nameVectors() []vector {
	rs256, hs256 := rs(crypto.SHA256, k.rsa), hs(crypto.SHA256, k.secret)
	of := func(name, rows, why string, changes ...string) vector {
		return vector{name: name, rows: rows, why: why, token: sign(header("RS256", "rsa"), claims(changes...), rs256)}
	}
	var names []vector
	for _, claim := range []string{"sub", "jti", "sid", "client_id", "azp"} {
		for form, value := range forms {
			names = append(names, of(claim+"-"+form, "J5 A10", fmt.Sprintf("%s is no name (%s): a revocation could not name it", claim, form), claim, value))
		}
	}
	return append(expecting("malformed_token", names), expecting("unknown_issuer", []vector{
		of("iss-unknown", "A9", "an issuer that nobody configured", "iss", `"https://evil.example"`),
		of("iss-slash", "A9", "a slash more than the issuer's name", "iss", `"`+provider+`/"`),
		of("iss-case", "A9", "another case", "iss", `"https://ID.example"`),
		of("iss-space", "A9", "a space behind", "iss", `"`+provider+` "`),
		of("iss-nul", "A9", "NUL behind", "iss", `"`+provider+`\u0000"`),
		of("iss-prefix", "A9", "an issuer whose name begins like ours", "iss", `"`+provider+`.evil.example"`),
		of("iss-kelvin", "A9", "a letter that folds to ours", "iss", `"https://\u0131d.example"`),
		{name: "iss-unknown-forged", rows: "A9", why: "unknown and forged: no key is tried", token: sign(header("RS256", "rsa"), claims("iss", `"x"`), given(make([]byte, 256)))},
		{name: "iss-empty", rows: "A9", why: "an empty iss never belongs to the nameless secret, though it signed", token: sign(header("HS256", ""), nameless("iss", `""`), hs256)},
		{name: "iss-missing", expect: "unknown_key", rows: "A9", why: "no iss, signed by a provider's key", token: sign(header("RS256", "rsa"), claims("iss", ""), rs256)},
		{name: "iss-none", expect: "ok", rows: "A9", why: "no iss, and the nameless secret signed", token: sign(header("HS256", ""), nameless(), hs256)},
	})...)
}
