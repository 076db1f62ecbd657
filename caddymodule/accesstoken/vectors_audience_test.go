package accesstoken_test

import "crypto"

// audienceVectors are well signed; they are meant for us or not, and their scopes are some or none.
func (k keys) audienceVectors() []vector {
	to := func(issuer string) func(name, expect, why string, changes ...string) vector {
		return func(name, expect, why string, changes ...string) vector {
			payload := claims(append([]string{"iss", `"` + issuer + `"`}, changes...)...)
			token := sign(header("ES256", "p256"), payload, es(crypto.SHA256, k.p256))
			if issuer == bare {
				token = sign(header("RS256", ""), payload, rs(crypto.SHA256, k.rsa))
			}
			return vector{name: name, expect: expect, rows: "J12 A8", why: why, token: token}
		}
	}
	us, plain, clients := to(provider), to(bare), to(narrow)
	scope := func(name, expect, why, value string) vector {
		v := us("scope-"+name, expect, why, "scope", value)
		v.rows = "J5"
		return v
	}
	return []vector{
		us("aud-array", "ok", "one of several", "aud", `["https://other.example","`+door+`"]`),
		us("aud-array-of-one", "ok", "an array of one", "aud", `["`+door+`"]`),
		us("aud-missing", "wrong_audience", "no aud", "aud", ""),
		us("aud-other", "wrong_audience", "somebody else", "aud", `"urn:bot:rover"`),
		us("aud-others", "wrong_audience", "others", "aud", `["urn:bot:rover","urn:bot:arm"]`),
		us("aud-empty-array", "wrong_audience", "an empty array, which skipped the check elsewhere", "aud", `[]`),
		us("aud-case", "wrong_audience", "another case", "aud", `"URN:bot:door"`),
		us("aud-prefix", "wrong_audience", "our name and more", "aud", `"`+door+`:2"`),
		us("aud-part", "wrong_audience", "part of our name", "aud", `"urn:bot:doo"`),
		us("aud-list", "wrong_audience", "a list in a string is one name", "aud", `"urn:bot:rover `+door+`"`),
		us("aud-empty", "malformed_token", "an empty name", "aud", `""`),
		us("aud-array-empty-name", "malformed_token", "an empty name beside ours", "aud", `["`+door+`",""]`),
		us("aud-number", "malformed_token", "a number", "aud", `7`),
		us("aud-null", "malformed_token", "null", "aud", `null`),
		us("aud-true", "malformed_token", "true", "aud", `true`),
		us("aud-object", "malformed_token", "an object with our name", "aud", `{"`+door+`":true}`),
		us("aud-array-number", "malformed_token", "a number beside our name", "aud", `["`+door+`",7]`),
		us("aud-array-nested", "malformed_token", "our name, one level down", "aud", `[["`+door+`"]]`),

		plain("aud-none-configured", "wrong_audience", "it names somebody, and we do not know our own name"),
		plain("aud-none-configured-none", "ok", "it names nobody, and we have no name", "aud", ""),
		plain("aud-none-configured-empty", "ok", "an empty array names nobody", "aud", `[]`),

		clients("client", "ok", "a client on the list; its audience is not asked"),
		clients("client-azp", "ok", "azp, where there is no client_id", "client_id", "", "azp", `"phone"`),
		clients("client-other", "wrong_audience", "a client that is not on the list", "client_id", `"radio"`),
		clients("client-missing", "wrong_audience", "no client", "client_id", ""),
		clients("client-azp-beside", "wrong_audience", "azp does not speak over client_id", "client_id", `"radio"`, "azp", `"phone"`),

		scope("array", "ok", "an array of strings", `["door:open","door:read"]`),
		scope("empty", "ok", "no scope is a scope claim too", `""`),
		scope("empty-array", "ok", "no scope, as an array", `[]`),
		scope("object", "malformed_token", "an object with scopes for names", `{"door:open":true}`),
		scope("number", "malformed_token", "a number", `7`),
		scope("null", "malformed_token", "null", `null`),
		scope("array-number", "malformed_token", "an array with a number", `["door:open",7]`),
		scope("array-nested", "malformed_token", "an array in an array", `[["door:open"]]`),
		scope("array-empty-name", "malformed_token", "an empty scope", `["door:open",""]`),
	}
}
