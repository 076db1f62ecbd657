package oidc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	openid "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// metadata is what a provider says of itself (OpenID Connect Discovery §3).
type metadata struct {
	endpoint   oauth2.Endpoint
	algorithms []string      // that ID tokens are signed with: asymmetric ones alone
	keys       openid.KeySet // as new as the metadata, so that a key taken away is gone within the hour
	saysIssuer bool          // RFC 9207 §3: every answer bears iss
	endSession string        // "": there is no logout
}

// wellKnown is where an issuer's metadata are: its own last slash does not count (OpenID Connect Discovery §4.1).
func wellKnown(issuer string) string {
	if issuer[len(issuer)-1] == '/' {
		issuer = issuer[:len(issuer)-1]
	}
	return issuer + "/.well-known/openid-configuration"
}

// fetchMetadata asks the provider.
func (p *Provider) fetchMetadata(ctx context.Context) (*metadata, error) {
	b, err := get(ctx, p.client, wellKnown(p.config.Issuer))
	if err != nil {
		return nil, fmt.Errorf("its metadata: %w", err)
	}
	o, err := jose.ParseObject(b)
	if err != nil {
		return nil, fmt.Errorf("its metadata: %w", err)
	}
	if o["issuer"] != p.config.Issuer {
		return nil, errors.New("its metadata are another issuer's")
	}
	return p.readMetadata(o)
}

func (p *Provider) readMetadata(o jose.Object) (*metadata, error) {
	m := new(metadata)
	var jwks string
	for _, u := range []struct {
		name     string
		into     *string
		required bool
	}{
		{"authorization_endpoint", &m.endpoint.AuthURL, true},
		{"token_endpoint", &m.endpoint.TokenURL, true},
		{"jwks_uri", &jwks, true},
		{"end_session_endpoint", &m.endSession, false},
	} {
		v, present := o[u.name]
		*u.into, _ = v.(string)
		if !present && !u.required {
			continue
		}
		if err := p.config.checkURL("its "+u.name, *u.into); err != nil {
			return nil, err
		}
	}
	for _, name := range texts(o["id_token_signing_alg_values_supported"]) {
		if alg, err := jose.ParseAlgorithm(name); err == nil && !alg.Symmetric() {
			m.algorithms = append(m.algorithms, alg.String())
		}
	}
	if len(m.algorithms) == 0 {
		return nil, errors.New("its metadata name no algorithm for ID tokens that can be used")
	}
	var err error
	if m.endpoint.AuthStyle, err = p.config.authStyle(o["token_endpoint_auth_methods_supported"]); err != nil {
		return nil, err
	}
	m.saysIssuer = o["authorization_response_iss_parameter_supported"] == true
	m.keys = openid.NewRemoteKeySet(openid.ClientContext(context.Background(), p.client), jwks)
	return m, nil
}

// authStyle is how the client says who it is, of what the provider takes; basic is the default (OpenID Connect Discovery §3).
func (c *Config) authStyle(supported any) (oauth2.AuthStyle, error) {
	methods := texts(supported)
	switch {
	case c.ClientSecret == "":
		return oauth2.AuthStyleInParams, nil // the client_id alone (RFC 6749 §3.2.1)
	case supported == nil, slices.Contains(methods, "client_secret_basic"):
		return oauth2.AuthStyleInHeader, nil
	case slices.Contains(methods, "client_secret_post"):
		return oauth2.AuthStyleInParams, nil
	}
	return 0, errors.New("it takes no client_secret")
}

// texts are the strings of an array.
func texts(v any) (all []string) {
	array, _ := v.([]any)
	for _, v := range array {
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}
