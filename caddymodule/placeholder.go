package caddymodule

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/policy"
)

// resolve replaces the placeholders of the site's words, once and for all requests. Methods and paths hold none: which
// rule decides must be known when the Caddyfile is read.
func (h *Handler) resolve() error {
	h.written = h.text()
	single := map[string]*string{"realm": &h.Realm}
	if h.SignIn != nil {
		single["sign_in: origin"], single["sign_in: session_keys"] = &h.SignIn.Origin, &h.SignIn.SessionKeys
	}
	for _, option := range slices.Sorted(maps.Keys(single)) {
		word := []string{*single[option]}
		if word[0] == "" {
			continue
		}
		if err := app.Resolve(option, word); err != nil {
			return err
		}
		*single[option] = word[0]
	}
	for _, option := range []struct {
		name  string
		words []string
	}{{"accept", h.Accept}, {"audience", h.Audience}, {"cors", h.CORS}, {"identity_headers", h.IdentityHeaders}} {
		if err := app.Resolve(option.name, option.words); err != nil {
			return err
		}
	}
	if h.Panel != nil {
		if err := app.Resolve("panel: scope", h.Panel.Scope); err != nil {
			return err
		}
	}
	if err := h.SignIn.resolveProviders(); err != nil {
		return err
	}
	for _, rule := range h.Rules {
		if rule == nil {
			continue // policy.New names it
		}
		if err := resolveRule(rule); err != nil {
			return fmt.Errorf("%s: %w", rule, err)
		}
	}
	return nil
}

func resolveRule(rule *policy.Rule) error {
	if err := app.Resolve("scope", rule.Scope); err != nil {
		return err
	}
	if err := app.Resolve("any_scope", rule.AnyScope); err != nil {
		return err
	}
	claims := make(map[string][]string, len(rule.Claim))
	for _, word := range slices.Sorted(maps.Keys(rule.Claim)) {
		name, values := []string{word}, rule.Claim[word]
		if err := app.Resolve("the name of claim "+word, name); err != nil {
			return err
		}
		if err := app.Resolve("claim "+word, values); err != nil {
			return err
		}
		if _, twice := claims[name[0]]; twice {
			return fmt.Errorf("claim %s: stands twice, because a placeholder stands for it", name[0])
		}
		claims[name[0]] = values
	}
	if rule.Claim != nil {
		rule.Claim = claims
	}
	return nil
}

// resolveProviders replaces placeholders in what leads to a provider. The client_secret is kept beside the configuration, which anybody
// may read who may read Caddy's.
func (s *SignIn) resolveProviders() error {
	if s == nil {
		return nil
	}
	for i, o := range s.OIDC {
		if o == nil {
			return fmt.Errorf("sign_in: oidc %d is null", i+1)
		}
		words := []string{o.Issuer, o.ClientID}
		if o.Resource != "" {
			words = append(words, o.Resource)
		}
		if err := app.Resolve("sign_in: oidc", words); err != nil {
			return err
		}
		o.Issuer, o.ClientID, o.Resource = words[0], words[1], strings.Join(words[2:], "")
		secret := []string{o.ClientSecret}
		if o.ClientSecret != "" {
			if err := app.Resolve("sign_in: client_secret", secret); err != nil {
				return err
			}
		}
		o.clientSecret = strings.TrimRight(secret[0], "\r\n")
		for j, g := range o.Grants {
			if g == nil {
				return fmt.Errorf("sign_in: oidc %s: grant %d is null", o.Issuer, j+1)
			}
			value := []string{g.Value}
			if err := errors.Join(app.Resolve("sign_in: grant", value), app.Resolve("sign_in: grant", g.Scope)); err != nil {
				return err
			}
			g.Value = value[0]
		}
	}
	return nil
}
