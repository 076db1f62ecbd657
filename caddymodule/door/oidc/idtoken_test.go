package oidc_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestOnlyAnIDTokenOfThisFlowCounts(t *testing.T) {
	t.Parallel()
	now := time.Now().Unix()
	type claims = map[string]any
	for name, c := range map[string]struct {
		claims claims
		ok     bool
	}{
		"ok/as it is":                 {nil, true},
		"ok/aud an array of one":      {claims{"aud": []string{"lock-public"}}, true},
		"ok/azp is this client":       {claims{"azp": "lock-public"}, true},
		"ok/several aud, azp":         {claims{"aud": []string{"other", "lock-public"}, "azp": "lock-public"}, true},
		"ok/sid":                      {claims{"sid": "session"}, true},
		"ok/clock ahead":              {claims{"iat": now + 240}, true},
		"deny/several aud without":    {claims{"aud": []string{"other", "lock-public"}}, false},
		"deny/several aud, other azp": {claims{"aud": []string{"other", "lock-public"}, "azp": "other"}, false},
		"deny/azp is another":         {claims{"azp": "other"}, false},
		"deny/azp no string":          {claims{"azp": []string{"lock-public"}}, false},
		"deny/aud is another":         {claims{"aud": "canary"}, false},
		"deny/aud longer":             {claims{"aud": "lock-public2"}, false},
		"deny/aud missing":            {claims{"aud": nil}, false},
		"deny/aud in other case":      {claims{"aud": nil, "AUD": "lock-public"}, false},
		"deny/aud an object":          {claims{"aud": claims{"lock-public": true}}, false},
		"deny/nonce wrong":            {claims{"nonce": "canary"}, false},
		"deny/nonce missing":          {claims{"nonce": nil}, false},
		"deny/nonce an array":         {claims{"nonce": []string{"canary"}}, false},
		"deny/iss of another":         {claims{"iss": "https://canary.example.com"}, false},
		"deny/iss missing":            {claims{"iss": nil}, false},
		"deny/exp past":               {claims{"exp": now - 1}, false},
		"deny/exp missing":            {claims{"exp": nil}, false},
		"deny/exp a string":           {claims{"exp": "9999999999"}, false},
		"deny/exp in other case":      {claims{"exp": nil, "Exp": now + 600}, false},
		"deny/iat missing":            {claims{"iat": nil}, false},
		"deny/iat of tomorrow":        {claims{"iat": now + 86400, "exp": now + 90000}, false},
		"deny/iat of yesterday":       {claims{"iat": now - 86400}, false},
		"deny/nbf of tomorrow":        {claims{"nbf": now + 86400}, false},
		"deny/sub missing":            {claims{"sub": nil}, false},
		"deny/sub empty":              {claims{"sub": ""}, false},
		"deny/sub a number":           {claims{"sub": 7}, false},
		"deny/sub with line break":    {claims{"sub": "ana\n"}, false},
		"deny/sub too long":           {claims{"sub": strings.Repeat("a", 256)}, false},
		"deny/sid a number":           {claims{"sid": 7}, false},
		"deny/sid empty":              {claims{"sid": ""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.claims = c.claims
			who, err := f.signIn(t, newProvider(t, f.config(), nil), time.Now())
			if !c.ok {
				mustRefuse(t, who, err, oidc.ErrIDToken)
			} else if err != nil || who.Subject != "ana" {
				t.Errorf("%+v, %v", who, err)
			}
			if f.asked("/token") != 1 {
				t.Error("the code was not redeemed")
			}
		})
	}
}

func TestOnlyTheProvidersSignatureCounts(t *testing.T) {
	t.Parallel()
	stranger, other := latchtest.NewKey(t, jose.ES256), latchtest.NewKey(t, jose.RS256)
	for name, c := range map[string]struct {
		sign func(f *fake, payload string) string
		want error
	}{
		"ok/the provider's key": {func(f *fake, payload string) string { return f.key.Sign(t, "JWT", payload) }, nil},
		"ok/without typ":        {func(f *fake, payload string) string { return f.key.Sign(t, "", payload) }, nil},
		"deny/none": {
			func(_ *fake, payload string) string { return encoded(`{"alg":"none"}`) + "." + encoded(payload) + "." }, oidc.ErrIDToken,
		},
		"deny/none with a signature": {
			func(f *fake, payload string) string {
				return encoded(`{"alg":"none","kid":"`+f.key.ID+`"}`) + "." + encoded(payload) + "." + encoded("canary")
			}, oidc.ErrIDToken,
		},
		"deny/HS256 with the public keys": {
			func(f *fake, payload string) string {
				public, err := f.key.PublicJWKS()
				if err != nil {
					t.Error(err)
				}
				return hs256(public, f.key.ID, payload)
			}, oidc.ErrIDToken,
		},
		"deny/HS256 with the client's secret": {
			func(f *fake, payload string) string { return hs256([]byte(secret+secret), f.key.ID, payload) }, oidc.ErrIDToken,
		},
		"deny/a stranger's key": {func(_ *fake, payload string) string { return stranger.Sign(t, "JWT", payload) }, oidc.ErrIDToken},
		"deny/a stranger's key by the provider's name": {
			func(f *fake, payload string) string {
				named := *stranger.SigningKey
				named.ID = f.key.ID
				raw, err := named.Sign("JWT", []byte(payload))
				if err != nil {
					t.Error(err)
				}
				return raw
			}, oidc.ErrIDToken,
		},
		"deny/algorithm that is not published": {
			func(_ *fake, payload string) string { return other.Sign(t, "JWT", payload) }, oidc.ErrIDToken,
		},
		"deny/signature cut off": {
			func(f *fake, payload string) string {
				raw := f.key.Sign(t, "JWT", payload)
				return raw[:strings.LastIndexByte(raw, '.')+1]
			}, oidc.ErrIDToken,
		},
		"deny/payload changed": {
			func(f *fake, payload string) string {
				parts := strings.Split(f.key.Sign(t, "JWT", payload), ".")
				return parts[0] + "." + encoded(strings.Replace(payload, "ana", "eve", 1)) + "." + parts[2]
			}, oidc.ErrIDToken,
		},
		"deny/JSON serialisation": {
			func(f *fake, payload string) string {
				parts := strings.Split(f.key.Sign(t, "JWT", payload), ".")
				return `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`
			}, oidc.ErrIDToken,
		},
		"deny/a claim twice": {
			func(f *fake, payload string) string {
				return f.key.Sign(t, "JWT", strings.Replace(payload, `"sub":`, `"sub":"canary","sub":`, 1))
			}, oidc.ErrIDToken,
		},
		"deny/no JSON": {func(f *fake, _ string) string { return f.key.Sign(t, "JWT", "canary") }, oidc.ErrIDToken},
		"deny/no JWT":  {func(*fake, string) string { return "canary" }, oidc.ErrIDToken},
		"deny/empty":   {func(*fake, string) string { return "" }, oidc.ErrIDToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.sign = func(payload string) string { return c.sign(f, payload) }
			who, err := f.signIn(t, newProvider(t, f.config(), nil), time.Now())
			if c.want != nil {
				mustRefuse(t, who, err, c.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// hs256 signs with a secret that was never meant to be one.
func hs256(key []byte, id, payload string) string {
	input := encoded(`{"alg":"HS256","kid":"`+id+`"}`) + "." + encoded(payload)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(input))
	return input + "." + encoded(string(mac.Sum(nil)))
}

func encoded(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestAnAccessTokenBelongsToItsIDToken(t *testing.T) {
	t.Parallel()
	for name, hashed := range map[string]string{"ok/this one": "canary-access", "deny/another": "another"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.claims = map[string]any{"at_hash": halfHash(hashed)}
			config := f.config()
			config.Resource = resource
			who, err := f.signIn(t, newProvider(t, config, taking("observe")), time.Now())
			if hashed == "another" {
				mustRefuse(t, who, err, oidc.ErrIDToken)
			} else if err != nil || who.Access == nil {
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
}

func TestWithoutAResourceNoAccessTokenIsLookedAt(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.config()
	config.Grants = nil
	who, err := f.signIn(t, newProvider(t, config, taking("observe")), time.Now())
	mustRefuse(t, who, err, oidc.ErrNothingGranted)
}

func TestTokensBoundToAKeyGiveNothing(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.token = map[string]any{"token_type": "DPoP"}
	config := f.config()
	config.Resource, config.Grants = resource, nil
	who, err := f.signIn(t, newProvider(t, config, taking("observe")), time.Now())
	mustRefuse(t, who, err, oidc.ErrNothingGranted)
}

func TestKeysThatCannotBeHadAreTheProvidersFault(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]http.HandlerFunc{
		"deny/down":     func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "canary", http.StatusServiceUnavailable) },
		"deny/nonsense": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("canary")) },
		"deny/huge": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"keys":[]` + strings.Repeat(" ", 2<<20) + "}"))
		},
		"deny/cut off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle["/keys"] = handle
			who, err := f.signIn(t, newProvider(t, f.config(), nil), time.Now())
			mustRefuse(t, who, err, oidc.ErrProvider)
			if f.asked("/keys") == 0 {
				t.Error("nobody asked for keys")
			}
		})
	}
}
