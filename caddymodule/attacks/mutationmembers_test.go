package attacks_test

import (
	"fmt"
	"strings"
)

// put is a JSON object with a member put in front, written as given, beside one of the same name if there is one.
func put(text, name, value string) string {
	return strings.Replace(text, "{", `{"`+name+`":`+value+`,`, 1)
}

// behind puts it at the end.
func behind(text, name, value string) string {
	return strings.TrimSuffix(text, "}") + `,"` + name + `":` + value + "}"
}

// reheaded changes the header. What no header may hold is also signed by the real key, because then nothing but the
// header can refuse it.
func reheaded(o *original, add func(how, text string)) {
	never := map[string]string{} // headers that are refused whoever signed
	for name, values := range map[string][]string{
		"crit": {`["bork"]`, `["b64"]`, `["alg"]`, `[]`, `null`, `"b64"`, `{}`, `1`},
		"b64":  {`true`, `false`, `null`, `"false"`},
		"jku":  {`"https://evil.example.com/jwks"`, `"http://127.0.0.1:1/"`, `"file:///etc/passwd"`, `""`, `null`, `1`},
		"x5u":  {`"https://evil.example.com/x5u"`, `""`, `null`},
		"jwk":  {object(jwk(edKey().Public()), nil), object(jwk(rsaKey().Public()), nil), `{}`, `null`, `"x"`},
		"x5c":  {`["MIIB"]`, `[]`, `null`, `"MIIB"`},
		"cty":  {`"JWT"`, `"jwt"`, `"json"`, `""`, `null`},
		"zip":  {`"DEF"`, `"none"`, `null`},
		"enc":  {`"A256GCM"`, `""`, `null`},
	} {
		for _, value := range values {
			never[name+" "+value] = put(o.header, name, value)
			never[name+" in escapes "+value] = put(o.header, fmt.Sprintf(`\u%04x%s`, name[0], name[1:]), value)
		}
	}
	for name, values := range map[string][]string{
		"alg": {
			`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `"noNe"`, `""`, `" none"`, `"none "`, `"none\u0000"`, `"HS256\u0000"`, `"` + strings.ToLower(o.name) + `"`, `"` + o.name + ` "`,
			`null`, `1`, `true`, `{}`, `[]`, `["` + o.name + `"]`, `"ES256K"`, `"HS1"`, `"RS1"`, `"MD5"`, `"dir"`, `"RSA1_5"`, `"A128KW"`, `"Ed448"`, `"ESP256"`, `"HS256/64"`, `"unknown"`,
		},
		"typ": {`"dpop+jwt"`, `"logout+jwt"`, `"secevent+jwt"`, `"statuslist+jwt"`, `"JOSE"`, `"id_token"`, `"at+jwt "`, `"at+JWT+x"`, `""`, `null`, `1`, `[]`, `{}`, `["at+jwt"]`, `"a/b/at+jwt"`},
		"kid": {`1`, `null`, `true`, `[]`, `{}`, `["` + o.kid + `"]`, `{"kid":"` + o.kid + `"}`, `0.5`, `-1`},
	} {
		for _, value := range values {
			never[name+" is "+value] = object(o.algorithm.header(), map[string]any{name: raw(value)})
		}
	}
	for _, name := range []string{"alg", "typ"} {
		for _, value := range []string{`"none"`, `"` + o.name + `"`, `"at+jwt"`, `null`} {
			never[name+" twice, first "+value] = put(o.header, name, value)
			never[name+" twice, last "+value] = behind(o.header, name, value)
			never[name+" twice, one in escapes "+value] = put(o.header, fmt.Sprintf(`\u%04x%s`, name[0], name[1:]), value)
		}
	}
	if o.kid != "" { // a secret does not look at it
		for _, kid := range []string{
			"", "RSA", "Ed", o.kid + " ", " " + o.kid, o.kid + `\u0000`, "../" + o.kid, "../../../../dev/null", "/dev/null", "file:///dev/null", "https://evil.example.com/",
			"' OR 1=1 --", "x' UNION SELECT 'x", "$(id)", "|id", "{env.SECRET}", "{file./etc/passwd}", "%00", "*", strings.Repeat("k", 600), o.kid + o.kid, "0", "null", "true", "undefined", "__proto__",
		} {
			never["kid "+kid] = object(o.algorithm.header(), map[string]any{"kid": raw(`"` + kid + `"`)})
		}
		for other := range publics() {
			if other != o.kid {
				never["kid of "+other] = object(o.algorithm.header(), map[string]any{"kid": other})
			}
		}
		never["kid twice, first"], never["kid twice, last"] = put(o.header, "kid", `"rsa"`), behind(o.header, "kid", `"rsa"`)
	}
	for how, header := range never {
		add("header: "+how, o.with(0, b64(header)))
		add("signed header: "+how, o.write(header, o.claims))
		add("header without a signature: "+how, b64(header)+"."+o.parts[1]+".")
	}
	for how, header := range map[string]string{
		"space": " " + o.header, "line end": o.header + "\n", "indented": strings.ReplaceAll(o.header, ",", ",\n  "), "Alg": put(o.header, "Alg", `"none"`),
		"KID": behind(o.header, "KID", `"x"`), "x5t": put(o.header, "x5t", `"x"`), "no typ": object(o.algorithm.header(), map[string]any{"typ": nil}), "JWT": object(o.algorithm.header(), map[string]any{"typ": "JWT"}),
		"escapes": strings.Replace(o.header, "alg", `\u0061lg`, 1), "unknown": put(o.header, "x", `1`),
	} {
		add("header: "+how, o.with(0, b64(header))) // honest if signed
	}
}

// reclaimed changes the claims: under the old signature whatever could be of use, and signed by the real key what no
// token may hold.
func reclaimed(o *original, add func(how, text string)) {
	changed, never := map[string]string{}, map[string]string{}
	claims := o.algorithm.claims(o.id)
	for _, name := range []string{"iss", "sub", "client_id", "aud", "scope", "iat", "nbf", "exp", "jti", "sid", "azp", "cnf", "nonce", "at_hash", "c_hash", "events", "status", "token_use", "typ", "act", "may_act"} {
		for _, value := range []string{
			`null`, `true`, `false`, `0`, `-1`, `1.5`, `1e9`, `4102444800`, `99999999999999999999`, `""`, `" "`, `"x"`, `"4102444800"`, `[]`, `[""]`, `["x"]`, `[null]`, `[1]`, `[["x"]]`, `{}`, `{"x":1}`,
			`"` + audience + `"`, `["` + audience + `"]`, `"root"`, `"admin drive observe"`, `"*"`, `"x\u0000"`,
		} {
			changed[name+" is "+value] = object(claims, map[string]any{name: raw(value)})
			if forbidden(name, value) {
				never[name+" is "+value] = changed[name+" is "+value]
			}
		}
		never[name+" twice, first"] = put(put(o.claims, name, `"x"`), name, `"y"`)
		never[name+" twice, last"] = behind(behind(o.claims, name, `"x"`), name, `"y"`)
		never[name+" twice, the same"] = put(behind(o.claims, name, `"x"`), name, `"x"`)
		never[name+" twice, one in escapes"] = put(put(o.claims, name, `"x"`), fmt.Sprintf(`\u%04x%s`, name[0], name[1:]), `"x"`)
		changed[name+" gone"] = object(claims, map[string]any{name: nil})
		changed[strings.ToUpper(name)] = put(o.claims, strings.ToUpper(name), `"x"`)
		changed[name+" in escapes"] = strings.Replace(o.claims, `"`+name+`"`, fmt.Sprintf(`"\u%04x%s"`, name[0], name[1:]), 1)
	}
	for _, name := range []string{"exp", "iss", "aud"} {
		never["no "+name] = object(claims, map[string]any{name: nil})
	}
	for how, text := range map[string]string{
		"space": " " + o.claims, "line end": o.claims + "\n", "spaces": strings.ReplaceAll(o.claims, ",", ", "), "another jti": object(claims, map[string]any{"jti": "never-revoked"}),
		"later exp": strings.Replace(o.claims, `"exp":1`, `"exp":2`, 1), "another sub": strings.Replace(o.claims, `"ana"`, `"eve"`, 1), "more": put(o.claims, "x", "1"),
	} {
		changed[how] = text
	}
	for how, text := range changed {
		if text != o.claims {
			add("claims: "+how, o.with(1, b64(text)))
		}
	}
	for how, text := range never {
		add("claims: "+how, o.with(1, b64(text)))
		add("signed claims: "+how, o.write(o.header, text))
	}
}

// forbidden reports whether no token may say that, whoever signed it.
func forbidden(name, value string) bool {
	isString := strings.HasPrefix(value, `"`)
	switch name {
	case "iss", "token_use", "typ":
		return true // none of the values above is the right one
	case "cnf", "nonce", "at_hash", "c_hash", "events", "status":
		return true // the claim alone is enough
	case "sub", "jti", "sid", "client_id", "azp":
		return !isString || value == `""` || value == `" "` || strings.Contains(value, `\u0000`)
	case "aud":
		return !strings.Contains(value, audience)
	case "iat", "nbf", "exp":
		return value != "0" || name == "exp"
	case "scope":
		return !isString && (!strings.HasPrefix(value, `["`) || value == `[""]`) && value != "[]"
	}
	return false
}
