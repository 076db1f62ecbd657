package accesstoken_test

import "crypto"

// providerVectors have the shapes that widely used providers send.
func (k keys) providerVectors() []vector {
	rs256 := rs(crypto.SHA256, k.rsa)
	of := func(name, expect, why, header, payload string) vector {
		return vector{name: "provider-" + name, expect: expect, rows: "J5 J12", why: why, token: sign(header, payload, rs256)}
	}
	jwt := header("RS256", "rsa", "typ", `"JWT"`)
	return []vector{
		of("auth0", "ok", "Auth0: two audiences, azp, no jti", jwt, `{"iss":"https://id.example","sub":"abc@clients",`+
			`"aud":["urn:bot:door","https://id.example/userinfo"],"iat":1700000000,"exp":1700003600,"azp":"abc",`+
			`"gty":"client-credentials","scope":"door:open","permissions":["door:open"]}`),
		of("entra", "ok", "Entra: scp as a string, a nonce in the header", header("RS256", "rsa", "typ", `"JWT"`, "nonce", `"n"`, "x5t", `"t"`),
			`{"aud":"urn:bot:door","iss":"https://id.example","iat":1700000000,"nbf":1700000000,"exp":1700003600,"azp":"6731de76",`+
				`"azpacr":"1","oid":"690222be","scp":"door.open","sub":"HKZpfaHyWadeOouYlitjrI","tid":"72f988bf","uti":"u","ver":"2.0"}`),
		of("keycloak", "ok", "Keycloak: the claim typ is Bearer, roles in objects", jwt, `{"exp":1700003600,"iat":1700000000,"jti":"j",`+
			`"iss":"https://id.example","aud":["urn:bot:door","account"],"sub":"f:1","typ":"Bearer","azp":"phone","sid":"s-1","acr":"1",`+
			`"allowed-origins":["*"],"realm_access":{"roles":["driver"]},"scope":"openid door:open","email_verified":false}`),
		of("okta", "ok", "Okta: scp as an array", header("RS256", "rsa", "typ", ""), `{"ver":1,"jti":"AT.1","iss":"https://id.example",`+
			`"aud":"urn:bot:door","iat":1700000000,"exp":1700003600,"cid":"0oa","uid":"00u","scp":["door:open"],"sub":"ana@id.example"}`),
		of("hydra", "ok", "Hydra: scope and scp, an empty object", jwt, `{"aud":["urn:bot:door"],"client_id":"phone","exp":1700003600,"ext":{},`+
			`"iat":1700000000,"iss":"https://id.example","jti":"j","nbf":1700000000,"scope":"door:open","scp":["door:open"],"sub":"ana"}`),
		of("mock", "ok", "oauth2-mock-server: no sub, no jti, nbf before iat", jwt, `{"iss":"https://id.example","iat":1700000000,`+
			`"exp":1700003600,"nbf":1699999990,"scope":"door:open","aud":"urn:bot:door"}`),
		of("kubernetes", "ok", "Kubernetes: no scope, claims in objects", header("RS256", "rsa", "typ", ""), `{"aud":["urn:bot:door"],`+
			`"exp":1700003600,"iat":1700000000,"iss":"https://id.example","jti":"j","nbf":1700000000,`+
			`"kubernetes.io":{"namespace":"bots","serviceaccount":{"name":"arm","uid":"u"}},"sub":"system:serviceaccount:bots:arm"}`),
		of("dex", "wrong_profile", "Dex: its access tokens bear the mark of an ID token", header("RS256", "rsa", "typ", ""), `{"iss":"https://id.example",`+
			`"sub":"Cg","aud":"urn:bot:door","exp":1700003600,"iat":1700000000,"at_hash":"h","jti":"j"}`),
		{
			name: "provider-cognito", expect: "ok", rows: "J12", why: "Cognito: no aud, the client is asked; token_use is access",
			token: sign(header("ES256", "p256", "typ", ""), `{"sub":"ana","iss":"https://narrow.example","client_id":"phone","origin_jti":"o",`+
				`"token_use":"access","scope":"door/open","auth_time":1700000000,"exp":1700003600,"iat":1700000000,"jti":"j","username":"ana"}`,
				es(crypto.SHA256, k.p256)),
		},
	}
}
