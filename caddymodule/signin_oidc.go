package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/door"
	"github.com/botlatch/botlatch/caddymodule/door/oidc"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// OIDCDoor is the door over an OpenID provider: authorization code with PKCE (OpenID Connect Core §3.1, RFC 7636). At the
// provider, register https://<site>/.botlatch/callback as redirect URI. Nobody gets in by having an account there: a grant, or an access
// token for the resource, must give a scope.
type OIDCDoor struct {
	// The provider: an issuer of this site, byte for byte. Required.
	Issuer string `json:"issuer"`

	// Who the latch is at the provider. Required.
	ClientID string `json:"client_id"`

	// What proves it; a placeholder such as {file./run/secrets/oidc} keeps it out of the configuration. Default: none, a public
	// client, PKCE alone.
	ClientSecret string `json:"client_secret,omitempty"`

	// Scopes to ask for, besides openid: profile for a name and a picture, email for grants by email, and what the access
	// token shall have. Default: none.
	Scopes []string `json:"scopes,omitempty"`

	// What an access token is asked for (RFC 8707). If it is a JWT that this site accepts, its scopes are the session's. Default: no
	// access token is looked at.
	Resource string `json:"resource,omitempty"`

	// Who gets which scopes, by the ID token. Default: nobody.
	Grants []*OIDCGrant `json:"grants,omitempty"`

	// How long a browser stays signed in, at most 400d. Default: 12h.
	Lifetime caddy.Duration `json:"lifetime,omitempty"`

	// Ask a provider on loopback by plain HTTP. Default: HTTPS alone.
	InsecureLoopback bool `json:"insecure_loopback,omitempty"`

	clientSecret string // resolved; not part of what decides, nor of the configuration
}

// OIDCGrant gives scopes to whom a claim of the ID token fits, as a whole and in the same case. An email counts only where
// email_verified is true.
type OIDCGrant struct {
	// The claim: a string, or an array of strings of which one fits. Required.
	Claim string `json:"claim"`
	// What it must be. Required.
	Value string `json:"value"`
	// What it gives. Required.
	Scope []string `json:"scope"`
}

// defaultSignedIn is how long a browser stays in that came over a provider.
const defaultSignedIn = 12 * time.Hour

func (h *Handler) provisionProviders() error {
	for _, o := range h.SignIn.OIDC {
		p, err := h.provider(o)
		if err != nil {
			return fmt.Errorf("sign_in: oidc %s: %w", o.Issuer, err)
		}
		for _, other := range h.SignIn.door.Providers {
			if other.Issuer() == o.Issuer {
				return fmt.Errorf("sign_in: oidc %s stands twice", o.Issuer)
			}
		}
		h.SignIn.door.Providers = append(h.SignIn.door.Providers, p)
	}
	return nil
}

func (h *Handler) provider(o *OIDCDoor) (*door.Provider, error) {
	if !slices.ContainsFunc(h.accepted, func(i *accesstoken.Issuer) bool { return i.Name == o.Issuer }) {
		return nil, errors.New("no issuer of that name is accepted here: declare it in the botlatch options (issuer), byte for byte, and " +
			"accept it on this site")
	}
	if o.Lifetime < 0 || time.Duration(o.Lifetime) > session.MaxLife {
		return nil, errors.New("lifetime is not between 1s and 400d")
	}
	if o.Lifetime == 0 {
		o.Lifetime = caddy.Duration(defaultSignedIn)
	}
	c := oidc.Config{
		Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: o.clientSecret, Scopes: o.Scopes, Resource: o.Resource,
		InsecureLoopback: o.InsecureLoopback,
	}
	for _, g := range o.Grants {
		c.Grants = append(c.Grants, oidc.Grant{Claim: g.Claim, Value: g.Value, Scopes: g.Scope})
	}
	if len(c.Grants) == 0 && c.Resource == "" {
		return nil, errors.New("nobody could get in: say grant <claim> <value> scope <scope...>, or resource")
	}
	p, err := oidc.New(c, h.SignIn.flowKey, h.checkAccess(o.Issuer, o.Resource))
	return &door.Provider{Provider: p, Lifetime: time.Duration(o.Lifetime)}, err
}

// flowKey seals what a browser keeps while it is at a provider.
func (s *SignIn) flowKey() (key [32]byte) {
	if ring, err := s.keys.Ring(context.Background(), ""); err == nil {
		return ring.Seal("flow")
	}
	return key // which is none
}

// checkAccess is what counts as an access token for a resource: one that this site would accept, of the provider itself, and that names
// the resource. A session that rested on another issuer's would not end when that is revoked.
func (h *Handler) checkAccess(issuer, resource string) oidc.Check {
	return func(ctx context.Context, raw string) (*oidc.Access, error) {
		now := time.Now()
		t, err := h.access(ctx, raw, now)
		if err == nil {
			err = h.app.CheckRevokedOnHold(ctx, t, now) // doors are never on hold
		}
		switch {
		case err != nil && deny.ReasonOf(err).Status() >= http.StatusInternalServerError:
			return nil, fmt.Errorf("%w: %w", oidc.ErrUnknown, err)
		case err != nil:
			return nil, err
		case t.Issuer.Name != issuer:
			return nil, errors.New("the access token is of another issuer")
		case !slices.Contains(t.Audience, resource):
			return nil, errors.New("the access token is not for the resource")
		case t.Status != nil:
			return nil, errListedToken
		}
		return &oidc.Access{Scopes: t.Scopes, TokenID: t.ID, Key: t.KeyThumbprint(), Fingerprint: t.Fingerprint}, nil
	}
}
