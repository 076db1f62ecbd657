package accesstoken_test

import (
	"crypto"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
)

// The client is what the first of four claims says; where clients are listed, all that are there must say it.
func TestClientIsWhatTheProvidersClaimSays(t *testing.T) {
	t.Parallel()
	open := newVerifier(t, &accesstoken.Issuer{Name: provider, Keys: keySet(t, "public.jwks.json"), Audience: []string{door}})
	listed := newVerifier(t, &accesstoken.Issuer{Name: provider, Keys: keySet(t, "public.jwks.json"), ClientID: []string{"a"}})
	for name, test := range map[string]struct {
		said   []string
		client string // where none is listed; "-": the token is refused
		listed string // the row where a is listed
	}{
		"ok/client_id":                   {[]string{"client_id", `"a"`}, "a", "ok"},
		"ok/azp":                         {[]string{"azp", `"a"`}, "a", "ok"},
		"ok/cid":                         {[]string{"cid", `"a"`}, "a", "ok"},
		"ok/appid":                       {[]string{"appid", `"a"`}, "a", "ok"},
		"ok/all agree":                   {[]string{"client_id", `"a"`, "azp", `"a"`, "cid", `"a"`, "appid", `"a"`}, "a", "ok"},
		"deny/another":                   {[]string{"cid", `"b"`}, "b", "wrong_audience"},
		"deny/none":                      {nil, "", "wrong_audience"},
		"deny/client_id first, not azp":  {[]string{"azp", `"a"`, "client_id", `"b"`}, "b", "wrong_audience"},
		"deny/azp differs":               {[]string{"client_id", `"a"`, "azp", `"b"`}, "a", "wrong_audience"},
		"deny/cid differs":               {[]string{"azp", `"a"`, "cid", `"b"`}, "a", "wrong_audience"},
		"deny/appid differs":             {[]string{"cid", `"a"`, "appid", `"b"`}, "a", "wrong_audience"},
		"deny/the last alone is listed":  {[]string{"client_id", `"b"`, "appid", `"a"`}, "b", "wrong_audience"},
		"deny/cid a number":              {[]string{"cid", `7`}, "", "malformed_token"},
		"deny/cid a number beside azp":   {[]string{"azp", `"a"`, "cid", `7`}, "a", "malformed_token"},
		"deny/appid empty":               {[]string{"client_id", `"a"`, "appid", `""`}, "a", "malformed_token"},
		"deny/cid with a line break":     {[]string{"cid", `"a\r\nb"`}, "-", "malformed_token"},
		"deny/azp a number":              {[]string{"client_id", `"a"`, "azp", `7`}, "-", "malformed_token"},
		"deny/case of the client":        {[]string{"cid", `"A"`}, "A", "wrong_audience"},
		"deny/a list of clients is none": {[]string{"cid", `["a"]`}, "", "malformed_token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := sign(header("ES256", "p256"), claims(append([]string{"client_id", ""}, test.said...)...), es(crypto.SHA256, loadKeys().p256))
			token, err := open.Verify(t.Context(), raw)
			switch {
			case test.client == "-":
				wantLabel(t, err, "malformed_token")
			case err != nil || token.ClientID != test.client:
				t.Errorf("client %v, %v", token, err)
			}
			_, err = accept(t.Context(), listed, raw, time.Unix(arrival, 0))
			wantLabel(t, err, test.listed)
		})
	}
}

// Entra names its tokens by uti. Under it they are revoked one by one, and used up by once.
func TestTokenIsNamedByJtiElseUti(t *testing.T) {
	t.Parallel()
	v := verifier(t)
	for want, said := range map[string][]string{
		"u":   {"jti", "", "uti", `"u"`},
		"j-1": {"uti", `"u"`},
		"":    {"jti", "", "sid", `"s"`},
	} {
		if token := verified(t, v, claims(said...)); token.ID != want {
			t.Errorf("%v: got %q, want %q", said, token.ID, want)
		}
	}
	for _, said := range [][]string{{"uti", `7`}, {"uti", `""`}, {"jti", "", "uti", `null`}, {"jti", `7`, "uti", `"u"`}} {
		_, err := v.Verify(t.Context(), sign(header("ES256", "p256"), claims(said...), es(crypto.SHA256, loadKeys().p256)))
		wantLabel(t, err, "malformed_token")
	}
}
