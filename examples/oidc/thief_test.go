package oidc_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// thief is a site that would like a token for the bot, or the client's secret.
type thief struct {
	*httptest.Server

	challenge string // where its resource_metadata is
	resource  string // what that is about
	issuer    string // whom it names
	stolen    atomic.Int64
}

// ServeHTTP implements http.Handler.
func (h *thief) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Header.Get("Authorization") != "" || len(body) > 0 {
		h.stolen.Add(1)
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/.well-known/oauth-protected-resource"):
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"resource":%q,"authorization_servers":[%q]}`, h.resource, h.issuer)
	case strings.HasPrefix(r.URL.Path, "/.well-known/"):
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"issuer":%q,"token_endpoint":%q}`, h.issuer, h.URL+"/token")
	default:
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer scope="door:unlock", resource_metadata=%q`, h.challenge))
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// TestAClientIsNotTalkedOutOfItsTokens by a site that points at the bot, or at another provider.
func TestAClientIsNotTalkedOutOfItsTokens(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const wellKnown = "/.well-known/oauth-protected-resource"
	for name, c := range map[string]struct{ challenge, resource, issuer, says string }{ // "": its own
		"deny/the bot's metadata":    {s.latch.URL + wellKnown, "", "", "the challenge is of another resource"},
		"deny/metadata of the bot":   {"", s.latch.URL, s.issuer, `"resource" property does not match the expected value`},
		"deny/our provider":          {"", "", s.issuer, "invalid_target"},
		"deny/a provider of its own": {"", "", "", "no account at any provider of this resource"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &thief{challenge: c.challenge, resource: c.resource, issuer: c.issuer}
			h.Server = httptest.NewUnstartedServer(h)
			own := "http://" + h.Listener.Addr().String()
			if h.challenge == "" {
				h.challenge = own + wellKnown
			}
			for _, value := range []*string{&h.resource, &h.issuer} {
				if *value == "" {
					*value = own
				}
			}
			h.Start()
			defer h.Close()
			if out, err := s.run(t, s.issuer, "client.js", http.MethodPost, h.URL+"/api/door/unlock"); err == nil || !strings.Contains(out, c.says) {
				t.Errorf("%v\n%s", err, out)
			}
			if n := h.stolen.Load(); n != 0 {
				t.Errorf("it was sent %d tokens or secrets", n)
			}
		})
	}
}
