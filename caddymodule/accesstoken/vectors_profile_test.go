package accesstoken_test

import (
	"crypto"
	"fmt"
	"strings"
)

// profileVectors are well signed JWTs of other kinds: never an access token in place of another (RFC 8725 §3.12).
func (k keys) profileVectors() []vector {
	es256 := es(crypto.SHA256, k.p256)
	claim := func(name, why string, changes ...string) vector {
		return vector{name: "profile-" + name, rows: "A9", why: why, token: sign(header("ES256", "p256"), claims(changes...), es256)}
	}
	var all []vector
	for i, typ := range []string{"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+JWT", "application/jwt"} {
		all = append(all, vector{
			name: fmt.Sprintf("typ-good-%d", i), expect: "ok", rows: "J5", why: "typ " + typ,
			token: sign(header("ES256", "p256", "typ", `"`+typ+`"`), claims(), es256),
		})
	}
	for i, typ := range []string{
		"logout+jwt", "secevent+jwt", "statuslist+jwt", "dpop+jwt", "id_token+jwt", "oauth-authz-req+jwt", "token-introspection+jwt",
		"JWT ", "at+jwt;v=1", "at jwt", "text/at+jwt", "application/application/at+jwt", "application/", "at", "JOSE", "JWE",
	} {
		expect := "wrong_profile"
		if typ == "application/" {
			expect = "malformed_token" // it says nothing, and would look like no typ
		}
		all = append(all, vector{
			name: fmt.Sprintf("typ-bad-%02d", i), expect: expect, rows: "J5", why: "typ " + typ,
			token: sign(header("ES256", "p256", "typ", `"`+typ+`"`), claims(), es256),
		})
	}
	status := `{"status_list":{"idx":0,"uri":"https://id.example/1"}}`
	return append(all, expecting("wrong_profile", []vector{
		claim("nonce", "an ID token: nonce", "nonce", `"n-1"`),
		claim("nonce-null", "a mark counts whatever it holds", "nonce", `null`),
		claim("at-hash", "an ID token: at_hash", "at_hash", `"abc"`),
		claim("c-hash", "an ID token: c_hash", "c_hash", `"abc"`),
		claim("events", "a logout token", "events", `{"http://schemas.openid.net/event/backchannel-logout":{}}`),
		claim("dpop", "bound to a key (RFC 9449), sent without a proof", "cnf", `{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}`),
		claim("mtls", "bound to a certificate (RFC 8705)", "cnf", `{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}`),
		claim("cnf-empty", "bound to what nobody knows", "cnf", `{}`),
		claim("status", "on a status list that is not read here", "status", status),
		claim("keycloak-id", "Keycloak's ID token", "typ", `"ID"`),
		claim("keycloak-refresh", "Keycloak's refresh token", "typ", `"Refresh"`),
		claim("keycloak-offline", "Keycloak's offline token", "typ", `"Offline"`),
		claim("keycloak-case", "almost Bearer", "typ", `"bearer"`),
		claim("keycloak-array", "an array with Bearer in it", "typ", `["Bearer"]`),
		claim("cognito-id", "Cognito's ID token", "token_use", `"id"`),
		claim("cognito-null", "token_use is null", "token_use", `null`),
		{name: "profile-before-time", rows: "A12", why: "an ID token that expired is an ID token", token: sign(header("ES256", "p256"), claims("nonce", `"n"`, "exp", "1"), es256)},
	})...)
}

// strictVectors meet an issuer of profile strict: RFC 9068 §2.2, §4.
func (k keys) strictVectors() []vector {
	of := func(name, typ string, changes ...string) vector {
		payload := claims(append([]string{"iss", `"` + strict + `"`}, changes...)...)
		return vector{name: "strict-" + name, rows: "J5", token: sign(header("ES256", "p256", "typ", typ), payload, es(crypto.SHA256, k.p256))}
	}
	var good, bad []vector
	for i, typ := range []string{"at+jwt", "AT+JWT", "application/at+jwt"} {
		v := of(fmt.Sprintf("typ-good-%d", i), `"`+typ+`"`)
		v.why = "typ " + typ
		good = append(good, v)
	}
	for name, typ := range map[string]string{"jwt": `"JWT"`, "absent": ``} {
		v := of("typ-"+name, typ)
		v.why = "typ must be at+jwt, and is " + name
		bad = append(bad, v)
	}
	for _, name := range []string{"exp", "aud", "sub", "client_id", "iat", "jti"} {
		v := of("no-"+strings.ReplaceAll(name, "_", "-"), `"at+jwt"`, name, "")
		v.why = name + " is missing"
		bad = append(bad, v)
	}
	azp := of("azp", `"at+jwt"`, "client_id", "", "azp", `"phone"`)
	azp.why = "azp is not client_id"
	nobody := of("aud-empty", `"at+jwt"`, "aud", `[]`)
	nobody.why = "aud names nobody"
	nonce := of("nonce", `"at+jwt"`, "nonce", `"n"`)
	nonce.why = "an ID token under an access token's typ"
	return append(expecting("ok", good), expecting("wrong_profile", append(bad, azp, nobody, nonce))...)
}
