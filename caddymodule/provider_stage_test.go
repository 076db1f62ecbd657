package caddymodule_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// providerSite takes people from a provider, with its access tokens, and issuerName's tokens beside.
const providerSite = `https://localhost:{$TLS_PORT} {
	tls {$CERT} {$KEY}
	botlatch {
		accept ` + issuerName + `
		audience https://localhost:{$TLS_PORT}
		issuer {$PROVIDER} {
			keys static {$PROVIDER_KEYS}
			algorithms ES256
		}
		sign_in {
			invite
			oidc {$PROVIDER} {
				client_id lock
				resource https://localhost:{$TLS_PORT}
				grant email ana@example.com scope observe
				insecure_loopback
			}
		}
		allow GET / any_token
		allow GET /act scope door:open
	}
	reverse_proxy {$BOT}
}
`

// provider signs Ana in, whoever asks.
type provider struct {
	*httptest.Server

	key    latchtest.Key
	flow   atomic.Pointer[url.Values] // of the last one that was sent here
	tokens atomic.Int32               // requests for tokens
	email  string
	ahead  time.Duration // of our clock
	access func() string
}

// newProviderStage starts a latch and its provider.
func newProviderStage(t *testing.T) (*stage, *provider) {
	t.Helper()
	p := &provider{key: latchtest.NewKey(t, jose.ES256), email: "ana@example.com", access: func() string { return "none" }}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return newStage(t, providerSite, "PROVIDER="+p.URL, "PROVIDER_KEYS="+p.key.File), p
}

// ServeHTTP implements http.Handler.
func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	case "/keys":
		keys, _ := p.key.PublicJWKS()
		_, _ = w.Write(keys)
	case "/token":
		p.tokens.Add(1)
		now := time.Now().Add(p.ahead).Unix()
		payload, _ := json.Marshal(map[string]any{
			"iss": p.URL, "sub": "ana", "aud": "lock", "nonce": p.flow.Load().Get("nonce"), "iat": now, "exp": now + 600,
			"email": p.email, "email_verified": true,
		})
		raw, _ := p.key.SigningKey.Sign("JWT", payload)
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": p.access(), "token_type": "Bearer", "id_token": raw})
	default:
		http.NotFound(w, r)
	}
}

// begin sends a browser to the provider, and returns the path that it comes back to.
func (p *provider) begin(t *testing.T, b *latchtest.Browser) (callback string) {
	t.Helper()
	follow := b.CheckRedirect
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a := b.Ask(t, "/.botlatch/oidc", latchtest.Followed, url.Values{"provider": {"0"}})
	b.CheckRedirect = follow
	location, err := url.Parse(a.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(location.String(), p.URL) {
		t.Fatalf("status %d, %v", a.StatusCode, err)
	}
	flow := location.Query()
	p.flow.Store(&flow)
	return "/.botlatch/callback?" + url.Values{"code": {"code"}, "state": flow["state"], "iss": {p.URL}}.Encode()
}
