package oidc_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// fake is a provider for what a real one does not do. It gives Ana's ID token for any code of a flow that it has seen.
type fake struct {
	*httptest.Server

	key latchtest.Key
	// What a test may change, before the first request.
	metadata map[string]any // added to what is told; nil values are left out
	claims   map[string]any // likewise, in the ID token
	token    map[string]any // likewise, in the answer of the token endpoint
	sign     func(payload string) string
	handle   map[string]http.HandlerFunc // instead of its own

	mu     sync.Mutex
	counts map[string]int
	flow   url.Values // of the last authorization request
	form   url.Values // of the last token request
	basic  [2]string
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{key: latchtest.NewKey(t, jose.ES256), counts: make(map[string]int), handle: make(map[string]http.HandlerFunc)}
	f.sign = func(payload string) string { return f.key.Sign(t, "JWT", payload) }
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// config is a client of f.
func (f *fake) config() oidc.Config {
	return oidc.Config{Issuer: f.URL, ClientID: "lock-public", Grants: []oidc.Grant{{Claim: "sub", Value: "ana", Scopes: []string{"door:open"}}}}
}

// answer is where f sends a browser back to that came to location.
func (f *fake) answer(location *url.URL) (callback *url.URL) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flow = location.Query()
	callback, _ = url.Parse(f.flow.Get("redirect_uri"))
	callback.RawQuery = url.Values{"code": {"canary-code"}, "state": f.flow["state"], "iss": {f.URL}}.Encode()
	return callback
}

// signIn is a whole sign-in at f, at a time.
func (f *fake) signIn(t *testing.T, p *oidc.Provider, now time.Time) (*oidc.Person, error) {
	t.Helper()
	phone := newPhone(t)
	return phone.finish(t, p, f.answer(phone.begin(t, p, now)), now)
}

// asked is how often a path was asked for.
func (f *fake) asked(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[path]
}

// ServeHTTP implements http.Handler.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.counts[r.URL.Path]++
	f.mu.Unlock()
	if handle := f.handle[r.URL.Path]; handle != nil {
		handle(w, r)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		f.tellMetadata(w)
	case "/keys":
		keys, _ := f.key.PublicJWKS()
		_, _ = w.Write(keys)
	case "/token":
		f.serveToken(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (f *fake) tellMetadata(w http.ResponseWriter) {
	tell(w, map[string]any{
		"issuer": f.URL, "authorization_endpoint": f.URL + "/auth", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
	}, f.metadata)
}

func (f *fake) serveToken(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = r.ParseForm()
	f.form = r.PostForm
	f.basic[0], f.basic[1], _ = r.BasicAuth()
	proof := sha256.Sum256([]byte(r.PostForm.Get("code_verifier"))) // RFC 7636 §4.6
	if f.flow.Get("code_challenge_method") != "S256" || f.flow.Get("redirect_uri") != r.PostForm.Get("redirect_uri") ||
		f.flow.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(proof[:]) {
		w.WriteHeader(http.StatusBadRequest)
		tell(w, map[string]any{"error": "invalid_grant", "error_description": "canary"}, nil)
		return
	}
	now := time.Now().Unix()
	claims := map[string]any{
		"iss": f.URL, "sub": "ana", "aud": "lock-public", "nonce": f.flow.Get("nonce"), "iat": now, "exp": now + 600,
		"email": "ana@example.com", "email_verified": true,
	}
	apply(claims, f.claims)
	payload, _ := json.Marshal(claims)
	tell(w, map[string]any{"access_token": "canary-access", "token_type": "Bearer", "id_token": f.sign(string(payload))}, f.token)
}

// apply changes members; nil takes one away.
func apply(object, change map[string]any) {
	for name, value := range change {
		object[name] = value
	}
	maps.DeleteFunc(object, func(_ string, v any) bool { return v == nil })
}

func tell(w http.ResponseWriter, object, change map[string]any) {
	apply(object, change)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(object)
}
