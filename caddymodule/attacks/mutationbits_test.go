package attacks_test

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// unb64 reads a part that we made ourselves.
func unb64(part string) []byte { return must(base64.RawURLEncoding.DecodeString(part)) }

// with is the token with one part replaced.
func (o *original) with(part int, text string) string {
	parts := o.parts
	parts[part] = text
	return strings.Join(parts[:], ".")
}

// flippedBits flips every bit of what the parts decode to.
func flippedBits(o *original, add func(how, text string)) {
	for part := range o.parts {
		b := unb64(o.parts[part])
		for bit := 0; bit < len(b)*8; bit += o.thin {
			b[bit/8] ^= 1 << (bit % 8)
			add(fmt.Sprintf("bit %d of part %d", bit, part), o.with(part, b64(b)))
			b[bit/8] ^= 1 << (bit % 8)
		}
	}
}

// flippedCharacters flips every bit of the token as it is written. Of a line feed the rest is a header field of its own.
func flippedCharacters(o *original, add func(how, text string)) {
	for bit := 0; bit < len(o.token)*8; bit += o.thin {
		b := []byte(o.token)
		b[bit/8] ^= 1 << (bit % 8)
		add(fmt.Sprintf("bit %d as written", bit), string(b))
	}
}

// alphabet is base64url's.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// respelled writes the same bytes otherwise: none of it is the one spelling that a token has (RFC 7515 §2).
func respelled(o *original, add func(how, text string)) {
	for part, text := range o.parts {
		for _, c := range alphabet { // one of them decodes to the same, where the last character has bits to spare
			add(fmt.Sprintf("last character of part %d", part), o.with(part, text[:len(text)-1]+string(c)))
		}
		for _, insertion := range []string{
			"=", "==", "===", " ", "\t", "\r", "\n", "\r\n", "\r\n ", "\n\t", "%0A", "%3D", "\\n", ".", "..", "-", "_", "A", "AA", "AAAA", "+", "/", "~",
			"\x00", "\x0b", "\x7f", "\x80", "\xff", "\u00a0", "\u200b", "\ufeff", "\u2028", ",", ";", "\"", "'", "*", "%", "#", "?",
		} {
			for _, at := range []int{0, 1, len(text) / 2, len(text) - 1, len(text)} {
				add(fmt.Sprintf("%q at %d of part %d", insertion, at, part), o.with(part, text[:at]+insertion+text[at:]))
			}
		}
		for how, other := range map[string]string{
			"standard alphabet": strings.NewReplacer("-", "+", "_", "/").Replace(text),
			"padded":            base64.URLEncoding.EncodeToString(unb64(text)),
			"standard, padded":  base64.StdEncoding.EncodeToString(unb64(text)),
			"hexadecimal":       fmt.Sprintf("%x", unb64(text)),
			"not encoded":       string(unb64(text)),
			"encoded twice":     b64(text),
			"upper case":        strings.ToUpper(text),
			"lower case":        strings.ToLower(text),
			"backwards":         backwards(text),
			"doubled":           text + text,
			"left out":          "",
			"quoted":            `"` + text + `"`,
			"first half":        text[:len(text)/2],
		} {
			add(fmt.Sprintf("part %d %s", part, how), o.with(part, other))
		}
	}
	for from, likes := range map[string][]string{
		".": {"．", "。", "․", "·", "%2E", "%2e", "\\u002e", "&#46;", ",", ":", "-", "。"},
		"e": {"е", "ｅ", "é", "%65"}, "a": {"а", "ａ", "%61"}, "J": {"Ј", "Ｊ"}, "K": {"\u212a", "Κ"}, "I": {"І", "ı", "l", "1"}, "O": {"О", "0"},
		"-": {"–", "‐", "−"}, "_": {"＿", "‿"},
	} {
		for _, like := range likes {
			add("look-alike "+like, strings.Replace(o.token, from, like, 1))
			add("look-alikes "+like, strings.ReplaceAll(o.token, from, like))
		}
	}
	for _, around := range []string{
		"%s,", ",%s", "%s;", "%s %[1]s", "%s,%[1]s", "%s.%[1]s", "%s%[1]s", "\"%s\"", "'%s'", "<%s>", "Bearer %s", "Bearer=%s", "token=%s",
		"access_token=%s", "%s.", ".%s", "%s=", "%s==", "=%s", "%s~", "~%s", "jwt:%s", "urn:ietf:params:oauth:token-type:jwt:%s", "%s\x00", "\x00%s", "\ufeff%s",
	} {
		add("within "+around, fmt.Sprintf(around, o.token))
	}
}

func backwards(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// restructured has the same parts in other forms: JSON serialisations, encrypted, detached and nested tokens (RFC 7515 §7.2,
// RFC 7516, RFC 7515 appendix F, RFC 7519 §5.2).
func restructured(o *original, add func(how, text string)) {
	h, p, s := o.parts[0], o.parts[1], o.parts[2]
	for how, text := range map[string]string{
		"flattened JSON":              `{"payload":"` + p + `","protected":"` + h + `","signature":"` + s + `"}`,
		"flattened JSON, unprotected": `{"payload":"` + p + `","header":` + o.header + `,"signature":"` + s + `"}`,
		"general JSON":                `{"payload":"` + p + `","signatures":[{"protected":"` + h + `","signature":"` + s + `"}]}`,
		"general JSON, in base64":     b64(`{"payload":"` + p + `","signatures":[{"protected":"` + h + `","signature":"` + s + `"}]}`),
		"flattened JSON, in base64":   b64(`{"payload":"` + p + `","protected":"` + h + `","signature":"` + s + `"}`),
		"JSON within the dots":        b64(`{"protected":"`+h+`","signature":"`+s+`"}`) + "." + p + "." + s,
		"a JSON string":               `"` + o.token + `"`,
		"a JSON array":                `["` + o.token + `"]`,
		"a JSON object":               `{"access_token":"` + o.token + `"}`,
		"detached":                    h + ".." + s,
		"detached, payload behind":    h + ".." + s + "." + p,
		"payload, header, signature":  p + "." + h + "." + s,
		"header, signature, payload":  h + "." + s + "." + p,
		"signature, payload, header":  s + "." + p + "." + h,
		"payload, signature, header":  p + "." + s + "." + h,
		"two headers":                 h + "." + h + "." + p + "." + s,
		"two payloads":                h + "." + p + "." + p + "." + s,
		"two signatures":              h + "." + p + "." + s + "." + s,
		"selective disclosure":        o.token + "~",
		"disclosure and key binding":  o.token + "~WyJzYWx0Iiwic2NvcGUiLCJkcml2ZSJd~" + o.token,
		"one part":                    h + p + s,
		"the payload alone":           p,
		"header and payload":          h + "." + p,
		"nested, without cty":         o.write(o.header, o.token),
		"nested, as a JSON string":    o.write(o.header, `"`+o.token+`"`),
		"nested":                      o.algorithm.token(map[string]any{"cty": "JWT"}, nil),
		"nested twice":                o.write(o.header, o.write(o.header, o.token)),
		"claims twice":                o.write(o.header, o.claims+o.claims),
		"claims and rubbish":          o.write(o.header, o.claims+"x"),
		"claims and NUL":              o.write(o.header, o.claims+"\x00"),
		"claims in an array":          o.write(o.header, "["+o.claims+"]"),
		"claims behind a BOM":         o.write(o.header, "\ufeff"+o.claims),
		"claims in UTF-16":            o.write(o.header, utf16le(o.claims)),
		"claims not UTF-8":            o.write(o.header, strings.Replace(o.claims, "ana", "an\xff", 1)),
		"claims with half a pair":     o.write(o.header, strings.Replace(o.claims, "ana", `an\ud800`, 1)),
		"claims deep":                 o.write(o.header, strings.Replace(o.claims, "{", `{"x":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`,`, 1)),
		"claims are null":             o.write(o.header, "null"),
		"claims are empty":            o.write(o.header, ""),
		"claims are {}":               o.write(o.header, "{}"),
		"header twice":                o.write(o.header+o.header, o.claims),
		"header in an array":          o.write("["+o.header+"]", o.claims),
		"header behind a BOM":         o.write("\ufeff"+o.header, o.claims),
		"header is null":              o.write("null", o.claims),
		"header is empty":             o.write("", o.claims),
		"header is {}":                o.write("{}", o.claims),
	} {
		add(how, text)
	}
	for _, header := range []string{
		`{"alg":"dir","enc":"A256GCM"}`, `{"alg":"RSA-OAEP","enc":"A128CBC-HS256","zip":"DEF"}`, `{"alg":"A256KW","enc":"A256GCM","cty":"JWT"}`,
		`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"c2FsdA"}`, `{"alg":"ECDH-ES","enc":"A128GCM","epk":{}}`, o.header,
	} {
		for _, rest := range []string{"." + p + ".AAAAAAAAAAAAAAAA." + p + "." + s, "..AAAAAAAAAAAAAAAA." + p + "." + s, "...." + s, "....", "." + p + "." + s} {
			if header != o.header || strings.Count(rest, ".") > 2 {
				add("encrypted "+header, b64(header)+rest)
			}
		}
	}
}

func utf16le(s string) string {
	b := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return string(b)
}
