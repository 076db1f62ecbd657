package accesstoken_test

import (
	"crypto"
	"encoding/json"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// All tenants of Entra share keys, so what a token says of its tenant must be one thing.
func TestEntrasTokensAreOfTheTenantOfTheirIssuer(t *testing.T) {
	t.Parallel()
	keys := keySet(t, "public.jwks.json")
	for name, test := range map[string]struct{ issuer, tid, want string }{
		"ok/v2":                  {"https://login.microsoftonline.com/72f988bf-86f1/v2.0", `"72f988bf-86f1"`, "ok"},
		"ok/v1":                  {"https://sts.windows.net/72f988bf-86f1/", `"72f988bf-86f1"`, "ok"},
		"ok/United States":       {"https://login.microsoftonline.us/72f9/v2.0", `"72f9"`, "ok"},
		"ok/China":               {"https://login.partner.microsoftonline.cn/72f9/v2.0", `"72f9"`, "ok"},
		"ok/China, v1":           {"https://sts.chinacloudapi.cn/72f9/", `"72f9"`, "ok"},
		"ok/not Entra, none":     {provider, ``, "ok"},
		"ok/not Entra, its own":  {provider, `7`, "ok"},
		"deny/another":           {"https://login.microsoftonline.com/72f9/v2.0", `"9188"`, "unknown_issuer"},
		"deny/another, v1":       {"https://sts.windows.net/72f9/", `"9188"`, "unknown_issuer"},
		"deny/none":              {"https://login.microsoftonline.com/72f9/v2.0", ``, "unknown_issuer"},
		"deny/in another case":   {"https://login.microsoftonline.com/72f9/v2.0", `"72F9"`, "unknown_issuer"},
		"deny/in an array":       {"https://login.microsoftonline.com/72f9/v2.0", `["72f9"]`, "unknown_issuer"},
		"deny/another, national": {"https://login.microsoftonline.us/72f9/v2.0", `"9188"`, "unknown_issuer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, profile := range []accesstoken.Profile{accesstoken.Compat, accesstoken.Strict} {
				v := newVerifier(t, &accesstoken.Issuer{Name: test.issuer, Keys: keys, Profile: profile})
				_, err := v.Verify(t.Context(), sign(header("ES256", "p256"), claims("iss", `"`+test.issuer+`"`, "tid", test.tid, "azp", `"phone"`), es(crypto.SHA256, loadKeys().p256)))
				wantLabel(t, err, test.want)
			}
		})
	}
}

// Entra's ID tokens need bear no mark, and may be meant for the API itself and hold its roles.
func TestEntrasIDTokensAreToldByWhatTheyLack(t *testing.T) {
	t.Parallel()
	const v2, v1, bridge = "https://login.microsoftonline.com/72f9/v2.0", "https://sts.windows.net/72f9/", "https://id.example.com/72f9/v2.0"
	for name, test := range map[string]struct {
		issuer string
		said   []string
		lax    bool
	}{
		"ok/scp":            {v2, []string{"scp", `"door:open"`}, false},
		"ok/azp":            {v2, []string{"azp", `"phone"`}, false},
		"ok/appid":          {v1, []string{"appid", `"phone"`}, false},
		"ok/not Entra":      {bridge, nil, false},
		"ok/said aloud":     {v2, nil, true},
		"deny/roles":        {v2, []string{"roles", `["door:open"]`}, false},
		"deny/roles, v1":    {v1, []string{"roles", `["door:open"]`}, false},
		"deny/other claims": {v2, []string{"scope", `"door:open"`, "client_id", `"phone"`, "cid", `"phone"`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := "ok"
			if name[:2] != "ok" {
				want = "wrong_profile"
			}
			v := newVerifier(t, &accesstoken.Issuer{Name: test.issuer, Keys: keySet(t, "public.jwks.json"), AcceptIDTokens: test.lax})
			said := append([]string{"iss", `"` + test.issuer + `"`, "tid", `"72f9"`}, test.said...)
			_, err := v.Verify(t.Context(), sign(header("ES256", "p256"), claims(said...), es(crypto.SHA256, loadKeys().p256)))
			wantLabel(t, err, want)
		})
	}
}

// served is the public half of key, with what Entra writes beside it.
func served(t testing.TB, key latchtest.Key, issuer string) *jose.KeySet {
	t.Helper()
	b, err := key.PublicJWKS()
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	if err := json.Unmarshal(b, &set); err != nil {
		t.Fatal(err)
	}
	set.Keys[0]["issuer"] = issuer
	keys, skipped, err := jose.ParseKeySet(must(json.Marshal(set)))
	if err != nil || len(skipped) > 0 {
		t.Fatal(err, skipped)
	}
	return keys
}

// A key that says whose it is never verifies for another issuer, whatever the source of keys leaves in.
func TestAKeyNeverVerifiesForAnotherIssuer(t *testing.T) {
	t.Parallel()
	const name = "https://login.microsoftonline.com/72f9/v2.0"
	for of, want := range map[string]string{
		"https://login.microsoftonline.com/{tenantid}/v2.0": "ok",
		name: "ok",
		"https://login.microsoftonline.com/9188/v2.0": "unknown_key",
		"https://sts.windows.net/{tenantid}/":         "unknown_key",
		provider:                                      "unknown_key",
	} {
		t.Run(of, func(t *testing.T) {
			t.Parallel()
			key := latchtest.NewKey(t, jose.ES256)
			source := newSource(served(t, key, of))
			raw := key.Sign(t, "JWT", claims("iss", `"`+name+`"`, "tid", `"72f9"`, "azp", `"phone"`))
			bare := newVerifier(t, &accesstoken.Issuer{Name: name, Keys: source})
			for range 2 {
				_, err := bare.Verify(t.Context(), raw)
				wantLabel(t, err, want)
			}
		})
	}
}
