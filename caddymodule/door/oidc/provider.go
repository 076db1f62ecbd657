package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	openid "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Access is what the caller found an access token to be.
type Access struct {
	Scopes      []string
	TokenID     string // its jti
	Key         string // thumbprint (RFC 7638) of the key that signed it
	Fingerprint string // of its spelling
}

// Check looks at an access token for Config.Resource as at one in a header: signature, issuer, audience, time, revocation. An
// error: the token gives nothing.
type Check func(ctx context.Context, raw string) (*Access, error)

// Provider signs people in at one OpenID provider. Safe for concurrent use.
type Provider struct {
	config    Config
	key       Key
	check     Check
	client    *http.Client
	discovery discovery
}

// New takes a provider; it asks nothing of it yet. key seals flows, check looks at access tokens and may be nil without a resource.
func New(c Config, key Key, check Check) (*Provider, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	switch {
	case key == nil:
		return nil, errors.New("a key is needed to seal sign-ins under way")
	case c.Resource != "" && check == nil:
		return nil, errors.New("nobody looks at the access tokens for the resource")
	}
	p := &Provider{config: c, key: key, check: check, client: newClient(c.InsecureLoopback)}
	p.discovery = discovery{fetch: p.fetchMetadata, turn: make(chan struct{}, 1)}
	return p, nil
}

// Issuer is the provider's name.
func (p *Provider) Issuer() string { return p.config.Issuer }

// Begin starts a sign-in of r's browser on the site of origin: location is where to send it, with a redirect, and cookies are to be
// set with that. The first of them is the flow, the others take away what is too much. replaces is for who ends the sign-in: the
// browser's session does not come along then.
func (p *Provider) Begin(r *http.Request, origin string, now time.Time, replaces string) (location string, cookies []*http.Cookie, err error) {
	m, err := p.discovery.get(r.Context(), now)
	if err != nil {
		return "", nil, err
	}
	f := newFlow(p.config.Issuer, origin, now)
	f.Replaces = replaces
	name := flowCookieName(f.State)
	sealed, err := f.seal(p.key, name)
	if err != nil {
		return "", nil, err
	}
	options := append(p.resource(), openid.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier))
	location = p.oauth2(m, f).AuthCodeURL(f.State, options...)
	return location, append([]*http.Cookie{newFlowCookie(name, sealed)}, crowded(r, p.key, now)...), nil
}

// oauth2 is the client of one flow.
func (p *Provider) oauth2(m *metadata, f *flow) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Endpoint: m.endpoint,
		RedirectURL: f.Origin + CallbackPath, Scopes: p.config.scopes(),
	}
}

// resource says at both endpoints what an access token is for (RFC 8707 §2).
func (p *Provider) resource() []oauth2.AuthCodeOption {
	if p.config.Resource == "" {
		return nil
	}
	return []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("resource", p.config.Resource)}
}

// exchange gives the code, and the proof that it is ours, for tokens.
func (p *Provider) exchange(ctx context.Context, m *metadata, f *flow, code string) (*oauth2.Token, error) {
	options := append(p.resource(), oauth2.VerifierOption(f.Verifier))
	token, err := p.oauth2(m, f).Exchange(openid.ClientContext(ctx, p.client), code, options...)
	if err == nil {
		return token, nil
	}
	answer, ok := errors.AsType[*oauth2.RetrieveError](err) // it quotes the whole answer
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: its token endpoint: %w", ErrProvider, cause(err))
	case answer.ErrorCode == "" || answer.Response.StatusCode >= http.StatusInternalServerError:
		return nil, fmt.Errorf("%w: its token endpoint: status %d", ErrProvider, answer.Response.StatusCode)
	}
	return nil, refused(answer.ErrorCode)
}

// EndSession is where to send a browser so that the person is signed out at the provider too (OpenID Connect RP-Initiated Logout
// §2); ok: it has such a place. back is where the provider sends the browser then, a URL registered there; empty: nowhere.
func (p *Provider) EndSession(ctx context.Context, idToken, back string, now time.Time) (location string, ok bool) {
	m, err := p.discovery.get(ctx, now)
	if err != nil || m.endSession == "" {
		return "", false
	}
	u, err := url.Parse(m.endSession)
	if err != nil {
		return "", false
	}
	query := u.Query()
	query.Set("client_id", p.config.ClientID)
	if idToken != "" {
		query.Set("id_token_hint", idToken)
	}
	if back != "" {
		query.Set("post_logout_redirect_uri", back)
	}
	u.RawQuery = query.Encode()
	return u.String(), true
}
