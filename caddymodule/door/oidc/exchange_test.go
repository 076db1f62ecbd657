package oidc_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
)

func TestATokenEndpointThatDoesNotAnswerAsOneIsTheProvidersFault(t *testing.T) {
	t.Parallel()
	says := func(status int, kind, s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(s))
		}
	}
	const json = "application/json"
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		want   error
	}{
		"deny/status":       {says(503, "text/html", "canary"), oidc.ErrProvider},
		"deny/status, JSON": {says(500, json, `{"error":"invalid_grant","error_description":"canary"}`), oidc.ErrProvider},
		"deny/cut off":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, oidc.ErrProvider},
		"deny/no JSON":      {says(200, json, "canary"), oidc.ErrProvider},
		"deny/no token":     {says(200, json, `{"canary":1}`), oidc.ErrProvider},
		"deny/no ID token":  {says(200, json, `{"access_token":"canary"}`), oidc.ErrIDToken},
		"deny/huge":         {says(200, json, `{"access_token":"canary","x":"`+strings.Repeat("a", 2<<20)+`"}`), oidc.ErrProvider},
		"deny/refused":      {says(400, json, `{"error":"invalid_grant","error_description":"canary"}`), oidc.ErrRefused},
		"deny/made up":      {says(400, json, `{"error":"canary"}`), oidc.ErrRefused},
		"deny/redirect":     {http.RedirectHandler("/token", http.StatusTemporaryRedirect).ServeHTTP, oidc.ErrProvider},
		"deny/see other":    {http.RedirectHandler("/keys", http.StatusSeeOther).ServeHTTP, oidc.ErrProvider},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle["/token"] = c.handle
			who, err := f.signIn(t, newProvider(t, f.config(), nil), time.Now())
			mustRefuse(t, who, err, c.want)
			if f.asked("/token") != 1 || f.asked("/keys") != 0 {
				t.Errorf("asked for a token %d times, for keys %d times", f.asked("/token"), f.asked("/keys"))
			}
		})
	}
}

func TestTheClientSaysWhoItIsAsTheProviderTakesIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secret  string
		methods any
		basic   bool
		form    bool
		want    error
	}{
		"ok/basic is the default": {secret, nil, true, false, nil},
		"ok/basic before post":    {secret, []string{"client_secret_post", "client_secret_basic"}, true, false, nil},
		"ok/post":                 {secret, []string{"client_secret_post", "private_key_jwt"}, false, true, nil},
		"ok/public":               {"", []string{"client_secret_basic"}, false, false, nil},
		"deny/neither":            {secret, []string{"private_key_jwt"}, false, false, oidc.ErrProvider},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.metadata = map[string]any{"token_endpoint_auth_methods_supported": c.methods}
			config := f.config()
			config.ClientSecret = c.secret
			p := newProvider(t, config, nil)
			if c.want != nil {
				_, _, err := p.Begin(newPhone(t).request(t, site), site, time.Now(), "")
				mustRefuse(t, nil, err, c.want)
				return
			}
			if _, err := f.signIn(t, p, time.Now()); err != nil {
				t.Fatal(err)
			}
			if (f.basic[1] != "") != c.basic || f.form.Has("client_secret") != c.form || f.form.Has("client_id") == c.basic {
				t.Errorf("basic %t, form %v", f.basic[1] != "", f.form.Has("client_secret"))
			}
		})
	}
}
