package app

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/keysource"
)

// Keys says where an issuer's keys come from: exactly one of files, secret, secret_base64, jwks and discovery. Placeholders such as
// {env.BOT_SECRET} and {file./run/secrets/bot} are resolved once, when the configuration is loaded; one that is unknown or empty is
// an error.
type Keys struct {
	// Files with public keys: PEM (SPKI, PKCS#1, certificate), JWK or JWK set.
	Files []string `json:"files,omitempty"`

	// An HMAC secret as it is: 32 bytes or more for HS256, 48 for HS384, 64 for HS512.
	Secret string `json:"secret,omitempty"`

	// An HMAC secret in base64 or base64url, with padding or without.
	SecretBase64 string `json:"secret_base64,omitempty"`

	// The URL of the JWK set that the issuer publishes (jwks_uri, RFC 7517 §5). It is fetched over HTTPS, and again before it is old:
	// as its Cache-Control says, at least once an hour. Entries that cannot be used are left out.
	JWKS string `json:"jwks,omitempty"`

	// Find the JWK set in the metadata that the issuer publishes below its name (OpenID Connect Discovery, RFC 8414). The metadata
	// must name the issuer byte for byte. Default: false.
	Discovery bool `json:"discovery,omitempty"`

	FetchedKeys
}

// symmetric reports whether who can verify can sign, too.
func (k *Keys) symmetric() bool { return k.Secret != "" || k.SecretBase64 != "" }

// fetched reports whether somebody else publishes the keys.
func (k *Keys) fetched() bool { return k.JWKS != "" || k.Discovery }

// source is where the keys of an issuer of that name come from.
func (k *Keys) source(a *App, name string, algorithms []jose.Algorithm) (accesstoken.KeySource, error) {
	said := 0
	for _, yes := range [...]bool{len(k.Files) > 0, k.Secret != "", k.SecretBase64 != "", k.JWKS != "", k.Discovery} {
		if yes {
			said++
		}
	}
	switch {
	case said != 1:
		return nil, errors.New("exactly one of static files, secret, secret_base64, jwks and discovery must be given")
	case k.fetched():
		return k.fetch(a, name, algorithms)
	case k.FetchedKeys.said():
		return nil, errors.New("max_stale, cooldown, trusted_ca and insecure_loopback go with keys that are fetched: jwks, discovery")
	case len(k.Files) > 0:
		if err := Resolve("static", k.Files); err != nil {
			return nil, err
		}
		set, err := loadFiles(a.logger, k.Files, name, algorithms)
		return keysource.Static(set), err
	}
	secret, err := k.secret()
	if err != nil {
		return nil, err
	}
	set, err := jose.Secret(secret, algorithms...)
	return keysource.Static(set), err
}

// secret resolves the placeholders of the secret; an error does not show it.
func (k *Keys) secret() ([]byte, error) {
	if k.Secret != "" {
		s, err := resolve(k.Secret)
		if err != nil {
			return nil, fmt.Errorf("secret: %w", err)
		}
		return []byte(s), nil
	}
	s, err := resolve(k.SecretBase64)
	if err != nil {
		return nil, fmt.Errorf("secret_base64: %w", err)
	}
	s = strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimSpace(s)), "=")
	secret, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, errors.New("secret_base64 is not base64") // the library's error names bytes of it
	}
	return secret, nil
}
