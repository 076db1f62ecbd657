package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/oauth2"
)

// Person is who has signed in.
type Person struct {
	Issuer    string // of the configuration
	Subject   string // sub: who, at this issuer
	SessionID string // sid: of the provider; may be empty
	Name      string // for people to read, chosen by that person; may be empty
	Picture   string // an https URL, chosen by that person; may be empty
	IssuedAt  time.Time
	Scopes    []string // never empty: of the access token, when there is one that counts, and of the grants
	Access    *Access  // what Check said of the access token; nil: none counts
	IDToken   string   // for EndSession alone: a secret, to be kept in memory
	Replaces  string   // what Begin was told
}

// Bounds of what a person writes and pages show.
const (
	maxName    = 100 // characters
	maxPicture = 1024
)

// person says who an ID token names and what they may do.
func (p *Provider) person(ctx context.Context, id *idToken, tokens *oauth2.Token) (*Person, error) {
	text := func(claim string) string { s, _ := id.claims[claim].(string); return s }
	who := &Person{
		Issuer: p.config.Issuer, Subject: text("sub"), SessionID: text("sid"), IssuedAt: seconds(id.claims["iat"]), IDToken: id.raw,
		Name: readable(text("name")), Picture: picture(text("picture")),
	}
	if who.Name == "" {
		who.Name = readable(text("preferred_username"))
	}
	var err error
	if who.Access, err = p.access(ctx, id, tokens); err != nil {
		return nil, err
	}
	if who.Access != nil {
		who.give(who.Access.Scopes)
	}
	for i := range p.config.Grants {
		if g := &p.config.Grants[i]; g.fits(id.claims) {
			who.give(g.Scopes)
		}
	}
	if !slices.ContainsFunc(who.Scopes, isPermission) {
		return nil, ErrNothingGranted
	}
	return who, nil
}

// access looks at the access token, when one was asked for. One that does not count is none; one that the ID token was not made
// with is nobody's.
func (p *Provider) access(ctx context.Context, id *idToken, tokens *oauth2.Token) (*Access, error) {
	if p.config.Resource == "" {
		return nil, nil //nolint:nilnil // none
	}
	if _, named := id.claims["at_hash"]; named && id.VerifyAccessToken(tokens.AccessToken) != nil { // OpenID Connect Core §3.1.3.8
		return nil, fmt.Errorf("%w: at_hash is another access token's", ErrIDToken)
	}
	if tokens.Type() != "Bearer" { // bound to a key that nobody has here
		return nil, nil //nolint:nilnil // none that counts
	}
	a, err := p.check(ctx, tokens.AccessToken)
	switch {
	case errors.Is(err, ErrUnknown):
		return nil, ErrUnknown // or somebody would be told that nothing is theirs, or be in with less; why stays with the caller
	case err != nil:
		return nil, nil //nolint:nilnil,nilerr // none that counts
	}
	return a, nil
}

// give adds scopes, each once.
func (w *Person) give(scopes []string) {
	for _, scope := range scopes {
		if !slices.Contains(w.Scopes, scope) {
			w.Scopes = append(w.Scopes, scope)
		}
	}
}

// isPermission tells scopes from those that OpenID providers put into every access token (OpenID Connect Core §5.4, §11): they
// say what the provider tells us of a person, so a person with these alone has been given nothing.
func isPermission(scope string) bool {
	return !slices.Contains([]string{"openid", "profile", "email", "address", "phone", "offline_access"}, scope)
}

// readable is a name without what would turn the text around it, cut.
func readable(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && !unicode.Is(unicode.Cf, r) {
			return r
		}
		return -1
	}, name)
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName])
	}
	return strings.TrimSpace(name)
}

// picture is the URL of one that a page may show.
func picture(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(address) > maxPicture {
		return ""
	}
	return u.String()
}
