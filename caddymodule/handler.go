package caddymodule

import (
	"context"
	"errors"
	"fmt"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/cors"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/policy"
)

func init() { caddy.RegisterModule(Handler{}) }

// Handler guards one site: it decides for each request whether it may go on to the bot. It must stand before whatever
// reaches the bot; the Caddyfile directive sees to that.
type Handler struct {
	// The issuers of the app whose tokens this site accepts, by name. Default: the only one there is, unless the site
	// has issuers of its own. An error when the app has more than one: name them.
	Accept []string `json:"accept,omitempty"`

	// Issuers of this site alone, besides the accepted ones. One may have no name: the site's own secret or key (secret,
	// secret_base64 and keys in the Caddyfile), whose tokens have no iss.
	Issuers []*app.Issuer `json:"issuers,omitempty"`

	// What tokens must be meant for: one of these must stand in aud. Replaces the issuers' own. Default: theirs.
	// Placeholders such as {env.BOT_AUDIENCE} in this, in accept, cors, identity_headers and realm, and in the scopes and claims
	// of rules are resolved once, when the configuration is loaded; one that is unknown or empty is an error.
	Audience []string `json:"audience,omitempty"`

	// Which requests reach the bot, and what their token must hold. The first rule that fits decides, and what none
	// fits is denied. Required.
	Rules []*policy.Rule `json:"rules,omitempty"`

	// Let browsers sign in, and use the bot's own web page. Default: they may not, and no cookie is looked at.
	SignIn *SignIn `json:"sign_in,omitempty"`

	// Make the site the owner's page: what is open, who is signed in, one press that stops everything. Default: it is a bot's.
	Panel *Panel `json:"panel,omitempty"`

	// The origins whose pages may use this site with a token in the Authorization field: scheme://host, with :port only
	// where it is not the scheme's own. Their preflights are answered without a token, and answers may be read by them; what
	// the bot says of CORS is replaced. Default: none, and what the bot says stays.
	CORS []string `json:"cors,omitempty"`

	// Header fields that a client may not set, besides those that never pass: X-Auth-* and its like are among them. A
	// star at the end stands for any ending; -, _ and . count as one. Default: none.
	IdentityHeaders []string `json:"identity_headers,omitempty"`

	// The realm of challenges (RFC 9110 §11.5). Default: botlatch.
	Realm string `json:"realm,omitempty"`

	// Do not tell clients where tokens come from (RFC 9728). Default: a site that accepts an issuer whose name is an https URL
	// serves /.well-known/oauth-protected-resource to everybody, and challenges point there: the audience that is a URL of the
	// site, or else its origin, such issuers, and the scopes that rules name. A path of that audience comes behind it. Whatever
	// rules say of the document's path, the bot does not get it. Of a site behind a mapped port or another TLS terminator, or
	// with a star for a host or none, only an audience can tell where it is. A latch that requests for the document do not come to,
	// because it stands behind a matcher of other paths, tells nothing.
	DisableMetadata bool `json:"disable_metadata,omitempty"`

	// How far nbf and iat may lie ahead of our clock, 0 to 60s. It is never given to exp. Default: 5s.
	Leeway *caddy.Duration `json:"leeway,omitempty"`

	// The longest lifetime of a token, exp less iat; without iat it counts from now. Default: 24h; -1: any.
	MaxLifetime caddy.Duration `json:"max_lifetime,omitempty"`

	// Take paths that two parsers may read differently. Default: refuse them, because the bot may act on another path
	// than the one that was allowed.
	InsecureLenientPath bool `json:"insecure_lenient_path,omitempty"`

	// Take tokens over plain HTTP from other machines. Default: the configuration is refused, because whoever is on
	// the way can read a token and use it.
	InsecureHTTP bool `json:"insecure_http,omitempty"`

	// Take a token in the query, too: access_token=<token> (RFC 6750 §2.3), for what can send it in no other way, an <img>
	// or an EventSource of a page. The bot does not see it, and neither do Caddy's logs, whose lines for such requests the
	// latch writes itself, without it. But it stays where URLs are kept: in the browser's history, in links that people
	// copy, in the logs of proxies in front of this one, at handlers that stand before the latch, and in a Referer field
	// that was sent before the answer forbids it. Use tokens that live for minutes and may do little. Answers to such
	// requests say Cache-Control: private, unless the bot's forbids more, and Referrer-Policy: no-referrer. Default: false,
	// a token in the query is refused.
	InsecureQueryToken bool `json:"insecure_query_token,omitempty"`

	// Decide, log and count (outcome would_deny), and let every request go on as it came, credentials included. Only
	// what two parsers may read differently is refused. For trying rules on a live bot. Default: false.
	InsecureReportOnly bool `json:"insecure_report_only,omitempty"`

	written    string // the configuration, before anything of it was resolved
	app        *app.App
	accepted   []*accesstoken.Issuer
	reading    policy.Reading
	policy     *policy.Policy
	verifier   *accesstoken.Verifier
	validation accesstoken.Validation
	stripped   *headerNames
	cors       *cors.Policy // nil: none
	realm      deny.Realm
	metadata   *metadata // nil: none
	record     *recorder
	site       siteName
	siteText   string
	place      string // tells it from handlers whose site reads the same
	hash       string // of all that decides here
	panelRules bool   // the rules are the panel's
	unseen     bool   // it cannot be seen whether the bot has a request
}

// CaddyModule returns the Caddy module information.
func (Handler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.botlatch", New: func() caddy.Module { return new(Handler) }}
}

// Provision resolves placeholders, finds the app and compiles the rules. What would guard less than it says is an error.
func (h *Handler) Provision(ctx caddy.Context) error {
	shared, err := ctx.App("botlatch")
	if err != nil {
		return fmt.Errorf("getting the botlatch app: %w", err)
	}
	h.app = shared.(*app.App)
	if err := h.resolve(); err != nil {
		return err
	}
	if err := h.provisionPanel(); err != nil {
		return err
	}
	if err := h.provisionIssuers(ctx); err != nil {
		return err
	}
	if h.policy, err = policy.New(h.Rules); err != nil {
		return err
	}
	if !h.policy.AsksForClaims() {
		h.verifier.ForgetClaims()
	}
	if err := h.provisionReading(); err != nil {
		return err
	}
	if h.stripped, err = newHeaderNames(h.IdentityHeaders); err != nil {
		return err
	}
	for _, provision := range []func() error{h.provisionCORS, h.provisionLimits, h.provisionRealm} {
		if err := provision(); err != nil {
			return err
		}
	}
	if err := h.checkServer(ctx); err != nil {
		return err
	}
	h.site = nameSite(ctx)
	if err := h.checkPanel(ctx); err != nil {
		return err
	}
	h.siteText, h.place = h.site.String(), h.site.place(h.app.Sites())
	for _, provision := range []func(caddy.Context) error{h.provisionSignIn, h.provisionMetadata} {
		if err := provision(ctx); err != nil {
			return err
		}
	}
	if h.hash, err = h.hashPolicy(); err != nil {
		return err
	}
	h.record = newRecorder(ctx.Logger(), ctx.Logger(new(caddyhttp.App)))
	h.app.Register(h)
	return nil
}

// provisionIssuers finds out whose tokens this site accepts.
func (h *Handler) provisionIssuers(ctx caddy.Context) error {
	for _, i := range h.Issuers {
		built, err := h.app.Build(i)
		if err != nil {
			return err
		}
		h.accepted = append(h.accepted, built)
	}
	for _, name := range h.Accept {
		i, ok := h.app.Issuer(name)
		if !ok {
			return fmt.Errorf("accept %s: no issuer of that name in the botlatch options", name)
		}
		h.accepted = append(h.accepted, i)
	}
	if len(h.accepted) == 0 {
		only, ok := h.app.OnlyIssuer()
		if !ok && len(h.app.Issuers) > 1 {
			return errors.New("say whose tokens this site accepts (accept <issuer...>): the botlatch options have several issuers")
		}
		if !ok && h.SignIn.standsAlone() {
			h.verifier = accesstoken.NoTokens()
			return nil
		}
		if !ok {
			return errors.New("no issuer: give the site a secret or an issuer, or declare one in the botlatch options")
		}
		h.accepted = append(h.accepted, only)
	}
	var err error
	h.verifier, err = accesstoken.NewVerifier(h.accepted)
	return err
}

// SignsIn implements app.Site.
func (h *Handler) SignsIn() app.SignIn {
	if h.SignIn == nil {
		return nil
	}
	return h.SignIn
}

// Accepts implements app.Site.
func (h *Handler) Accepts() []*accesstoken.Issuer { return h.accepted }

// Identify implements app.Site.
func (h *Handler) Identify(ctx context.Context, raw string) (*accesstoken.Token, error) {
	return h.verifier.Verify(ctx, raw)
}

// Interface guards
var (
	_ caddy.Provisioner           = (*Handler)(nil)
	_ caddyhttp.MiddlewareHandler = (*Handler)(nil)
	_ app.Site                    = (*Handler)(nil)
)
