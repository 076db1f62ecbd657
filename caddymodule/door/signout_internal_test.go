package door

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
)

// TestSigningOutDoesNotWaitForAProvider that has become slow, for what it says of itself is asked anew each hour.
func TestSigningOutDoesNotWaitForAProvider(t *testing.T) {
	t.Parallel()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(slow.Close)
	p, err := oidc.New(oidc.Config{
		Issuer: slow.URL, ClientID: "lock", Grants: []oidc.Grant{{Claim: "sub", Value: "ana", Scopes: []string{"x"}}}, InsecureLoopback: true,
	}, func() [32]byte { return [32]byte{1} }, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, now := new(Door), time.Now()
	d.hints.keep("cookie", hint{&Provider{Provider: p}, "token", now.Add(time.Hour)}, now)
	location, _ := d.elsewhere(t.Context(), "cookie", now)
	if took := time.Since(now); location != "" || took > 5*time.Second {
		t.Errorf("leads to %q after %s", location, took)
	}
}
