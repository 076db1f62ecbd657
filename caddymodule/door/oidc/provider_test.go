package oidc_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// owners is what the tests grant.
var owners = []oidc.Grant{{Claim: "email", Value: "ana@example.com", Scopes: []string{"door:open"}}}

func TestPeopleOfARealProviderSignIn(t *testing.T) {
	t.Parallel()
	issuer := startProvider(t)
	var clients []oidc.Config
	for _, c := range []oidc.Config{{ClientID: "lock", ClientSecret: secret}, {ClientID: "lock-public"}} {
		c.Issuer, c.Scopes, c.Grants = issuer, []string{"profile", "email"}, owners
		clients = append(clients, c)
	}
	for name, c := range map[string]struct {
		config  oidc.Config
		account string
		want    error
	}{
		"ok/confidential client":       {clients[0], "ana", nil},
		"ok/public client":             {clients[1], "ana", nil},
		"deny/nobody gave him a thing": {clients[0], "ben", oidc.ErrNothingGranted},
		"deny/unverified email":        {clients[0], "mallory", oidc.ErrNothingGranted},
		"deny/cancelled":               {clients[1], "", oidc.ErrRefused},
		"deny/wrong secret": {
			oidc.Config{Issuer: issuer, ClientID: "lock", ClientSecret: "wrong", Grants: owners}, "ana", oidc.ErrRefused,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, err := newPhone(t).signIn(t, newProvider(t, c.config, nil), c.account)
			if c.want != nil {
				mustRefuse(t, who, err, c.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if who.Issuer != issuer || who.Subject != "ana" || who.Name != "Ana" || who.Picture != "https://id.example.com/ana.png" ||
				!slices.Equal(who.Scopes, []string{"door:open"}) || who.Access != nil || time.Since(who.IssuedAt).Abs() > time.Minute {
				t.Errorf("%+v", who)
			}
		})
	}
}

func TestRefusalsOfARealProviderHaveItsCode(t *testing.T) {
	t.Parallel()
	p := newProvider(t, oidc.Config{Issuer: startProvider(t)}, nil)
	_, err := newPhone(t).signIn(t, p, "")
	if refused, ok := errors.AsType[*oidc.RefusedError](err); !ok || refused.Code != "access_denied" {
		t.Errorf("%v", err)
	}
}

func TestAccessTokensCountForTheResource(t *testing.T) {
	t.Parallel()
	issuer := startProvider(t)
	takes := func(_ context.Context, raw string) (*oidc.Access, error) {
		c, err := jose.Parse(raw) // the provider's signature is verified by the caller, and not here
		if err != nil || c.Header.Type != "at+jwt" {
			return nil, errors.New("not an access token")
		}
		return &oidc.Access{Scopes: []string{"openid", "door:open", "observe"}, TokenID: "id"}, nil
	}
	openid := func(context.Context, string) (*oidc.Access, error) {
		return &oidc.Access{Scopes: []string{"openid", "email"}}, nil
	}
	fails := func(context.Context, string) (*oidc.Access, error) { return nil, errors.New("canary") }
	cannotSay := func(context.Context, string) (*oidc.Access, error) {
		return nil, fmt.Errorf("%w: canary", oidc.ErrUnknown)
	}
	for name, c := range map[string]struct {
		resource string
		check    oidc.Check
		grants   []oidc.Grant
		want     []string
		err      error
	}{
		"ok/taken":                           {resource, takes, nil, []string{"openid", "door:open", "observe"}, nil},
		"ok/taken, and a grant":              {resource, takes, owners, []string{"openid", "door:open", "observe"}, nil},
		"ok/refused, and a grant":            {resource, fails, owners, []string{"door:open"}, nil},
		"ok/no resource: not looked at":      {"", takes, owners, []string{"door:open"}, nil},
		"deny/refused":                       {resource, fails, nil, nil, oidc.ErrNothingGranted},
		"deny/not known now":                 {resource, cannotSay, nil, nil, oidc.ErrUnknown},
		"deny/not known now, and a grant":    {resource, cannotSay, owners, nil, oidc.ErrUnknown},
		"deny/no resource":                   {"", takes, nil, nil, oidc.ErrNothingGranted},
		"deny/nothing but who it is":         {resource, openid, nil, nil, oidc.ErrNothingGranted},
		"deny/not a resource of this issuer": {"https://other.example.com", takes, owners, nil, oidc.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := oidc.Config{Issuer: issuer, Scopes: []string{"email", "door:open", "observe"}, Grants: c.grants, Resource: c.resource}
			p, phone := newProvider(t, config, c.check), newPhone(t)
			location := phone.begin(t, p, time.Now())
			if got := location.Query().Get("resource"); got != c.resource {
				t.Fatalf("resource %q is asked for", got)
			}
			var callback *url.URL
			if errors.Is(c.err, oidc.ErrRefused) { // before anybody is asked
				res, _ := phone.get(t, location.String())
				callback = back(t, res)
			} else {
				callback = phone.press(t, location, "ana")
			}
			who, err := phone.finish(t, p, callback, time.Now())
			if c.err != nil {
				mustRefuse(t, who, err, c.err)
				return
			}
			if err != nil || !slices.Equal(who.Scopes, c.want) {
				t.Fatalf("%+v, %v", who, err)
			}
			if (who.Access != nil) != slices.Contains(c.want, "observe") {
				t.Errorf("access %+v", who.Access)
			}
		})
	}
}

func TestARealProviderSignsOut(t *testing.T) {
	t.Parallel()
	p := newProvider(t, oidc.Config{Issuer: startProvider(t), Scopes: []string{"email"}, Grants: owners}, nil)
	phone := newPhone(t)
	who, err := phone.signIn(t, p, "ana")
	if err != nil {
		t.Fatal(err)
	}
	location, ok := p.EndSession(t.Context(), who.IDToken, site+"/.botlatch/signed-out", time.Now())
	if !ok {
		t.Fatal("no way to sign out")
	}
	u, err := url.Parse(location)
	if err != nil || u.Query().Get("client_id") != "lock-public" || u.Query().Get("id_token_hint") != who.IDToken {
		t.Fatalf("%v", err)
	}
	for name, c := range map[string]struct {
		location string
		want     int
	}{
		"ok/as it is":             {location, http.StatusOK},
		"deny/another way back":   {with(u, "post_logout_redirect_uri", "https://canary.example.com").String(), http.StatusBadRequest},
		"deny/another id_token":   {with(u, "id_token_hint", "canary").String(), http.StatusBadRequest},
		"deny/of another client":  {with(u, "client_id", "lock").String(), http.StatusBadRequest},
		"deny/two ways back":      {with(u, "post_logout_redirect_uri", site, site).String(), http.StatusBadRequest},
		"ok/neither hint nor way": {with(with(u, "id_token_hint"), "post_logout_redirect_uri").String(), http.StatusOK},
	} {
		if res, _ := phone.get(t, c.location); res.StatusCode != c.want {
			t.Errorf("%s: status %d", name, res.StatusCode)
		}
	}
}
