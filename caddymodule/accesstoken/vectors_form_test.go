package accesstoken_test

import (
	"crypto"
	"strings"
)

// formVectors are a good token spelled otherwise: one token has one spelling (RFC 7515 §2, §7.1).
func (k keys) formVectors() []vector {
	good := sign(header("RS256", "rsa"), claims("sub", `"???>>>~~~"`), rs(crypto.SHA256, k.rsa)) // with - and _ in its payload
	part := strings.Split(good, ".")
	head, body, tail := part[0], part[1], part[2]
	all := []vector{
		{name: "form-good", expect: "ok", rows: "J1", why: "the token that the other forms spell differently", token: good},
		{name: "form-two-parts", rows: "J1", why: "no signature", token: head + "." + body},
		{name: "form-one-part", rows: "J1", why: "no dot", token: head},
		{name: "form-four-parts", rows: "J1", why: "a fourth part", token: good + "." + tail},
		{name: "form-dot-at-end", rows: "J1", why: "an empty fourth part", token: good + "."},
		{name: "form-five-parts", rows: "J1 J13 D2 D3", why: "five parts, as an encrypted token has", token: good + "." + body + "." + tail},
		{name: "form-dots", rows: "J1 A3", why: "two dots", token: ".."},
		{name: "form-many-dots", rows: "J1 D1", why: "dots as far as the limit goes", token: strings.Repeat(".", 8<<10)},
		{name: "form-empty-header", rows: "J1", why: "an empty header", token: "." + body + "." + tail},
		{name: "form-empty-payload", rows: "J1", why: "an empty payload", token: head + ".." + tail},
		{name: "form-empty-signature", rows: "J1 A3", why: "an empty signature", token: head + "." + body + "."},
		{name: "form-padding-header", rows: "J1", why: "padding behind the header", token: head + "=." + body + "." + tail},
		{name: "form-padding-signature", rows: "J1", why: "padding behind the signature", token: good + "=="},
		{name: "form-line-end", rows: "J1", why: "LF at the end", token: good + "\n"},
		{name: "form-crlf-end", rows: "J1", why: "CR LF at the end", token: good + "\r\n"},
		{name: "form-line-in-signature", rows: "J1", why: "LF within the signature, which encoding/base64 skips", token: head + "." + body + "." + tail[:8] + "\n" + tail[8:]},
		{name: "form-line-in-payload", rows: "J1", why: "CR LF within the payload", token: head + "." + body[:8] + "\r\n" + body[8:] + "." + tail},
		{name: "form-space-before", rows: "J1", why: "a space in front", token: " " + good},
		{name: "form-space-behind", rows: "J1", why: "a space behind", token: good + " "},
		{name: "form-tab", rows: "J1", why: "a tab in front of a part", token: head + ".\t" + body + "." + tail},
		{name: "form-nul", rows: "J1", why: "NUL at the end", token: good + "\x00"},
		{name: "form-standard-alphabet", rows: "J1", why: "+ and / for - and _", token: strings.NewReplacer("-", "+", "_", "/").Replace(good)},
		{name: "form-percent", rows: "J1", why: "an escaped dot", token: strings.Replace(good, ".", "%2E", 1)},
		{name: "form-fullwidth-dot", rows: "J1", why: "a dot that is none", token: strings.Replace(good, ".", "．", 1)},
		{name: "form-trailing-bits", rows: "J1", why: "other bits that no byte needs: a second spelling of the signature", token: good[:len(good)-1] + next(tail)},
		{name: "form-scheme", rows: "J1", why: "the scheme within the token", token: "Bearer " + good},
		{name: "form-two-tokens", rows: "J1", why: "two tokens in one", token: good + "," + good},
		{name: "form-json-flattened", rows: "J1 D2", why: "flattened JSON serialisation (RFC 7515 §7.2.2)", token: `{"payload":"` + body + `","protected":"` + head + `","signature":"` + tail + `"}`},
		{name: "form-json-general", rows: "J1 D2", why: "general JSON serialisation (RFC 7515 §7.2.1)", token: `{"payload":"` + body + `","signatures":[{"protected":"` + head + `","signature":"` + tail + `"}]}`},
		{name: "form-json-empty", rows: "J1 D2", why: "JSON serialisation without any part", token: `{}`},
		{name: "form-rubbish", rows: "J1", why: "three parts of nothing", token: "a.b.c"},
	}
	return append(expecting("malformed_token", all), k.sizeVectors()...)
}

// next is the last character's neighbour: the same byte before it, other bits behind.
func next(part string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, part[len(part)-1])+1])
}

// sizeVectors lie on both sides of the limits, which are asked before anything is decoded.
func (k keys) sizeVectors() []vector {
	mac := hs(crypto.SHA256, k.secret)
	long := func(length int) string { // a token of so many characters
		for n := length / 2; ; n++ {
			if token := sign(header("HS256", ""), nameless("x", `"`+strings.Repeat("x", n)+`"`), mac); len(token) == length {
				return token
			}
		}
	}
	deep := func(levels int) string { return strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) }
	wide := func(size int) string { // a header of so many bytes, of which every three take four characters
		return header("HS256", "", "x", `"`+strings.Repeat("x", size-len(header("HS256", "", "x", `""`)))+`"`)
	}
	return []vector{
		{name: "size-token-limit", expect: "ok", rows: "J14", why: "8 KiB", token: long(8 << 10)},
		{name: "size-token", expect: "malformed_token", rows: "J14 D4", why: "more than 8 KiB", token: long(8<<10 + 1)},
		{name: "size-header-limit", expect: "ok", rows: "J14", why: "a header of 1 KiB, as characters", token: sign(wide(768), nameless(), mac)},
		{name: "size-header", expect: "malformed_token", rows: "J14", why: "a header of more than 1 KiB", token: sign(wide(769), nameless(), mac)},
		{name: "size-depth-limit", expect: "ok", rows: "J14", why: "32 levels of JSON", token: sign(header("HS256", ""), nameless("x", deep(32)), mac)},
		{name: "size-depth", expect: "malformed_token", rows: "J14", why: "33 levels of JSON", token: sign(header("HS256", ""), nameless("x", deep(33)), mac)},
		{name: "size-signature", expect: "bad_signature", rows: "J14 D4", why: "a signature of 6 KiB for ES256", token: sign(header("ES256", "p256"), claims(), given(make([]byte, 5<<10)))},
	}
}
