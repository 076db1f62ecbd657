package oidc

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// CallbackPath is where the provider sends the browser back to. Origin and path together are the redirect URI that is registered
// at the provider.
const CallbackPath = "/.botlatch/callback"

// Config is one OpenID provider and what its people may do.
type Config struct {
	// Issuer is the provider's name, byte for byte as it writes it: Auth0's ends with a slash. Its metadata are found below it.
	Issuer string
	// ClientID is who the latch is at the provider.
	ClientID string
	// ClientSecret proves it. Empty: a public client, PKCE alone.
	ClientSecret string
	// Scopes are asked for besides openid: profile for a name and a picture, email for grants by email.
	Scopes []string
	// Resource is what an access token is asked for (RFC 8707), a URI. Empty: none is asked for, and none is looked at.
	Resource string
	// Grants give scopes by what the ID token says. None: only an access token for Resource gives any.
	Grants []Grant
	// InsecureLoopback allows a provider on loopback to be asked by http. For tests.
	InsecureLoopback bool
}

// check refuses a configuration that would not do what it says.
func (c *Config) check() error {
	if err := c.checkURL("the issuer", c.Issuer); err != nil {
		return err
	}
	if strings.Contains(c.Issuer, "?") { // OpenID Connect Discovery §2
		return errors.New("the issuer has no query")
	}
	if c.ClientID == "" {
		return errors.New("a client_id is needed")
	}
	for _, scope := range c.Scopes {
		if !isScope(scope) {
			return fmt.Errorf("scope %q is not one scope", scope)
		}
		if scope == "offline_access" {
			return errors.New("offline_access asks for a refresh token, and none is ever kept")
		}
	}
	if c.Resource != "" { // RFC 8707 §2
		if u, err := url.Parse(c.Resource); err != nil || !u.IsAbs() || strings.Contains(c.Resource, "#") {
			return errors.New("the resource is an absolute URI without a fragment")
		}
	}
	for i := range c.Grants {
		if err := c.Grants[i].check(); err != nil {
			return fmt.Errorf("grant %d: %w", i+1, err)
		}
	}
	return nil
}

// checkURL refuses what must not be asked, nor a browser be sent to. Its errors do not quote the URL: it may be the provider's word.
func (c *Config) checkURL(what, address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil || strings.Contains(address, "#"):
		return fmt.Errorf("%s is a URL with a host, without userinfo and fragment", what)
	case !mayAsk(u, c.InsecureLoopback):
		return fmt.Errorf("%s is reached by https", what)
	}
	return nil
}

// mayAsk reports whether a URL is one of https, or of http on loopback where that is allowed.
func mayAsk(u *url.URL, insecureLoopback bool) bool {
	return u.Scheme == "https" || u.Scheme == "http" && insecureLoopback && loopback(u.Hostname())
}

// loopback reports whether host is this machine's own.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// scopes are those that are asked for.
func (c *Config) scopes() []string {
	all := []string{"openid"}
	for _, scope := range c.Scopes {
		if !slices.Contains(all, scope) {
			all = append(all, scope)
		}
	}
	return all
}

// isScope reports whether s is a scope-token (RFC 6749 §3.3).
func isScope(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' })
}
