package oidc_test

import (
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
)

func TestConfigurationsThatWouldNotDoWhatTheySayAreRefused(t *testing.T) {
	t.Parallel()
	grant := func(g oidc.Grant) func(*oidc.Config) { return func(c *oidc.Config) { c.Grants = []oidc.Grant{g} } }
	for name, c := range map[string]struct {
		change func(c *oidc.Config)
		ok     bool
	}{
		"ok/least":               {func(*oidc.Config) {}, true},
		"ok/slash at the end":    {func(c *oidc.Config) { c.Issuer = "https://id.example.com/" }, true},
		"ok/loopback, for tests": {func(c *oidc.Config) { c.Issuer, c.InsecureLoopback = "http://[::1]:9000", true }, true},
		"ok/grant":               {grant(oidc.Grant{Claim: "groups", Value: "family", Scopes: []string{"observe"}}), true},
		"ok/resource":            {func(c *oidc.Config) { c.Resource = "urn:bot:door" }, true},
		"deny/no issuer":         {func(c *oidc.Config) { c.Issuer = "" }, false},
		"deny/http":              {func(c *oidc.Config) { c.Issuer = "http://id.example.com" }, false},
		"deny/http elsewhere":    {func(c *oidc.Config) { c.Issuer, c.InsecureLoopback = "http://id.example.com", true }, false},
		"deny/http, loopback":    {func(c *oidc.Config) { c.Issuer = "http://127.0.0.1" }, false},
		"deny/no loopback":       {func(c *oidc.Config) { c.Issuer, c.InsecureLoopback = "http://127.0.0.1.example.com", true }, false},
		"deny/query":             {func(c *oidc.Config) { c.Issuer += "?a" }, false},
		"deny/fragment":          {func(c *oidc.Config) { c.Issuer += "#a" }, false},
		"deny/userinfo":          {func(c *oidc.Config) { c.Issuer = "https://a@id.example.com" }, false},
		"deny/no host":           {func(c *oidc.Config) { c.Issuer = "https:id" }, false},
		"deny/no client":         {func(c *oidc.Config) { c.ClientID = "" }, false},
		"deny/refresh token":     {func(c *oidc.Config) { c.Scopes = []string{"offline_access"} }, false},
		"deny/two scopes in one": {func(c *oidc.Config) { c.Scopes = []string{"profile email"} }, false},
		"deny/empty scope":       {func(c *oidc.Config) { c.Scopes = []string{""} }, false},
		"deny/resource no URI":   {func(c *oidc.Config) { c.Resource = "lock" }, false},
		"deny/resource fragment": {func(c *oidc.Config) { c.Resource = "https://lock.example.com/#" }, false},
		"deny/grant to nobody":   {grant(oidc.Grant{Claim: "email", Scopes: []string{"observe"}}), false},
		"deny/grant by nothing":  {grant(oidc.Grant{Value: "x", Scopes: []string{"observe"}}), false},
		"deny/grant of nothing":  {grant(oidc.Grant{Claim: "email", Value: "x"}), false},
		"deny/grant of no scope": {grant(oidc.Grant{Claim: "email", Value: "x", Scopes: []string{"a b"}}), false},
	} {
		config := oidc.Config{Issuer: "https://id.example.com", ClientID: "lock"}
		c.change(&config)
		if _, err := oidc.New(config, sealing, taking()); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	config := oidc.Config{Issuer: "https://id.example.com", ClientID: "lock", Resource: resource}
	if _, err := oidc.New(config, sealing, nil); err == nil {
		t.Error("a resource that nobody checks was taken")
	}
	if _, err := oidc.New(config, nil, taking()); err == nil {
		t.Error("no key was taken")
	}
}

func TestAProviderWithoutLogoutSignsNobodyOut(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	if location, ok := newProvider(t, f.config(), nil).EndSession(t.Context(), "canary", site, time.Now()); ok || location != "" {
		t.Errorf("%q", location)
	}
	f = newFake(t)
	f.metadata = map[string]any{"end_session_endpoint": f.URL + "/end?tenant=1"}
	p := newProvider(t, f.config(), nil)
	if location, ok := p.EndSession(t.Context(), "", "", time.Now()); !ok || location != f.URL+"/end?client_id=lock-public&tenant=1" {
		t.Errorf("%q", location)
	}
}
