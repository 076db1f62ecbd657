package app

import (
	"errors"
	"fmt"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// Issuer is somebody whose tokens are believed: an authorization server, or whoever holds a key of yours.
type Issuer struct {
	// The iss claim, byte for byte; mind a trailing slash. Empty: a site's own secret or key, whose tokens have no iss.
	// Placeholders in this and in the next fields are resolved once, when the configuration is loaded.
	Name string `json:"issuer,omitempty"`

	// What its tokens must be meant for: one of these must stand in aud. Default: none, and then a token that names an
	// audience is refused, because it is meant for somebody; with keys that are fetched that is an error, unless client_id is
	// given, because such an issuer makes tokens for others too. A site's own audience replaces it.
	Audience []string `json:"audience,omitempty"`

	// The clients whose tokens are accepted (client_id, else azp, cid or appid; where two of them differ the token is
	// refused). Default: any. With it, no audience is needed; then a token that is meant for its own client is an ID token,
	// and refused.
	ClientID []string `json:"client_id,omitempty"`

	// The algorithms that it signs with: HS256, RS256, PS256, ES256 and their 384 and 512 kin, EdDSA. Default: those
	// that its keys fit.
	Algorithms []string `json:"algorithms,omitempty"`

	// The kind of access token: compat (default) takes what widely used providers send, strict is RFC 9068.
	Profile string `json:"profile,omitempty"`

	// Accept tokens with nonce and at_hash, the marks of an ID token, because this issuer puts them into its access tokens as
	// well (Dex does). It weakens: an ID token of the same audience then opens what an access token does, and whoever an ID
	// token was shown to, as proof of who somebody is, can act in that person's name here. c_hash is refused even so. It
	// does not go with profile strict. Default: off.
	AcceptIDTokens bool `json:"insecure_accept_id_tokens,omitempty"`

	// The claims that hold scopes; the first that is present counts. A name with a slash in front is a JSON Pointer:
	// /realm_access/roles, or /https:~1~1example.com~1roles for a claim of that name. Default: scope, scp.
	ScopeClaim []string `json:"scope_claim,omitempty"`

	// Where its Token Status Lists may be fetched: https://host/path, matched by whole segments. A token with a status
	// claim counts while its entry on such a list says so; while the list is not known it is answered 503. Lists are
	// signed with the issuer's own keys, which must not be a secret. Default: none, and tokens with a status claim are
	// refused.
	StatusLists []string `json:"status_lists,omitempty"`

	// Where its keys come from. Required.
	Keys Keys `json:"keys"`
}

// Build resolves placeholders and makes the issuer that verifies. Keys that a file holds and that cannot be used are
// skipped with a warning each.
func (a *App) Build(i *Issuer) (*accesstoken.Issuer, error) {
	if i == nil {
		return nil, errors.New("an issuer is null")
	}
	if err := i.resolve(); err != nil {
		return nil, err
	}
	built, err := i.build(a)
	if err != nil && i.Name != "" {
		return nil, fmt.Errorf("issuer %s: %w", i.Name, err)
	}
	return built, err
}

// resolve replaces the placeholders of everything but the keys, which are no words to keep.
func (i *Issuer) resolve() error {
	name := []string{i.Name}
	if err := Resolve("issuer", name); err != nil {
		return err
	}
	i.Name = name[0]
	for _, option := range []struct {
		name  string
		words []string
	}{{"audience", i.Audience}, {"client_id", i.ClientID}, {"scope_claim", i.ScopeClaim}, {"status_lists", i.StatusLists}} {
		if err := Resolve(option.name, option.words); err != nil {
			return fmt.Errorf("issuer %s: %w", i.Name, err)
		}
	}
	return nil
}

func (i *Issuer) build(a *App) (*accesstoken.Issuer, error) {
	profile, err := accesstoken.ParseProfile(i.Profile)
	if err != nil {
		return nil, err
	}
	algorithms := make([]jose.Algorithm, 0, len(i.Algorithms))
	for _, name := range i.Algorithms {
		alg, err := jose.ParseAlgorithm(name)
		if err != nil {
			return nil, fmt.Errorf("algorithms %s: %w", name, err)
		}
		algorithms = append(algorithms, alg)
	}
	keys, err := i.Keys.source(a, i.Name, algorithms)
	if err != nil {
		return nil, fmt.Errorf("loading keys: %w", err)
	}
	built := &accesstoken.Issuer{
		Name: i.Name, Algorithms: algorithms, Keys: keys, Shared: i.Keys.fetched(), Profile: profile,
		ScopeClaim: i.ScopeClaim, Audience: i.Audience, ClientID: i.ClientID, AcceptIDTokens: i.AcceptIDTokens,
	}
	if len(i.StatusLists) > 0 {
		if built.Status, err = statusLists(i.StatusLists, built, !i.Keys.symmetric()); err != nil {
			return nil, fmt.Errorf("status_lists: %w", err)
		}
	}
	return built, nil
}
