package caddymodule

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/door"
	"github.com/botlatch/botlatch/caddymodule/policy"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// SignIn lets browsers hold a session on a site: a cookie that only the site's own pages can use, so that the web page of an
// unchanged bot works behind the latch. Everything under /.botlatch/ is then the latch's. Rules ask of a session what they
// ask of a token, its scopes; it has no claims.
type SignIn struct {
	// Let in whoever has an invitation (`caddy botlatch invite`). Default: none is taken.
	Invite *InviteDoor `json:"invite,omitempty"`

	// Let in whoever pastes an access token of this site. The session ends with the token. Its only aud must be the site's
	// origin. Default: none is taken.
	Token bool `json:"token,omitempty"`

	// Let in whom an OpenID provider knows, and a grant or an access token gives something here. Default: none.
	OIDC []*OIDCDoor `json:"oidc,omitempty"`

	// The paths that may be opened from outside: typed, from a bookmark, a QR code, another app. They are taken byte for byte,
	// without a query, and must not act: any link in the world leads there. The first is where a sign-in ends. Default: /.
	Home []string `json:"home,omitempty"`

	// The site's origin, as browsers write it, such as https://lock.example.com. Only where TLS ends in front of Caddy, or where
	// the site is known by another port than Caddy's. Default: the host that the request names, over HTTPS.
	Origin string `json:"origin,omitempty"`

	// Let the bot's own pages install service workers. A worker that fetches what a link names makes a foreign link the
	// site's own request. Default: their scripts are refused.
	ServiceWorkers bool `json:"service_workers,omitempty"`

	// The file of the keys that sign sessions; it is made when it is not there. Latches that share it share the sessions.
	// Default: botlatch/session_keys.json in Caddy's storage.
	SessionKeys string `json:"session_keys,omitempty"`

	site     siteName
	ports    []string // on which the site speaks TLS
	keys     *app.SessionKeys
	verifier *session.Verifier
	door     *door.Door
}

// InviteDoor is the door for whoever has an invitation.
type InviteDoor struct {
	// How long a browser stays signed in, at most 400d. Default: 30d.
	Lifetime caddy.Duration `json:"lifetime,omitempty"`
}

// defaultInvited is how long an invited browser stays signed in.
const defaultInvited = 30 * 24 * time.Hour

// provisionSignIn checks what would let in other people than it seems to.
func (h *Handler) provisionSignIn(ctx caddy.Context) (err error) {
	in := h.SignIn
	if in == nil {
		return nil
	}
	if h.InsecureReportOnly {
		return errors.New("sign_in and insecure_report_only: a site that enforces nothing cannot keep a session from the bot")
	}
	if in.Invite == nil && !in.Token && len(in.OIDC) == 0 {
		return errors.New("sign_in: no way in: say invite, token or oidc")
	}
	if in.Invite != nil && (in.Invite.Lifetime < 0 || time.Duration(in.Invite.Lifetime) > session.MaxLife) {
		return fmt.Errorf("sign_in: invite %s is not between 1s and 400d", time.Duration(in.Invite.Lifetime))
	}
	if in.Invite != nil && in.Invite.Lifetime == 0 {
		in.Invite.Lifetime = caddy.Duration(defaultInvited)
	}
	if err := in.checkOrigin(); err != nil {
		return fmt.Errorf("sign_in: %w", err)
	}
	in.site = h.site
	if err := in.checkListeners(ctx); err != nil {
		return fmt.Errorf("sign_in: %w", err)
	}
	if err := h.checkHome(); err != nil {
		return fmt.Errorf("sign_in: %w", err)
	}
	if in.keys, err = h.app.SessionKeys(in.SessionKeys); err != nil {
		return fmt.Errorf("sign_in: %w", err)
	}
	in.verifier = session.NewVerifier(in.keys)
	in.door = &door.Door{Desk: desk{h}, Home: in.Home[0], Invites: in.Invite != nil, Tokens: in.Token, FlowKey: in.flowKey}
	return h.provisionProviders()
}

// standsAlone reports whether people get in without anybody's tokens.
func (s *SignIn) standsAlone() bool {
	return s != nil && s.Invite != nil && !s.Token && len(s.OIDC) == 0
}

// checkOrigin: an origin that no browser sends would let nobody in.
func (s *SignIn) checkOrigin() error {
	if s.Origin == "" {
		return nil
	}
	u, err := url.Parse(s.Origin)
	if err != nil || u.Scheme != "https" || u.Host == "" || s.Origin != "https://"+strings.ToLower(u.Host) || u.Port() == "443" {
		return errors.New("origin is not https://host, in lower case and without a slash, with :port where it is not 443")
	}
	return nil
}

// checkListeners: browsers keep our cookies for HTTPS alone.
func (s *SignIn) checkListeners(ctx caddy.Context) error {
	server, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok || s.Origin != "" {
		return nil
	}
	for _, address := range server.Listen {
		a, err := caddy.ParseNetworkAddress(address)
		if err != nil {
			return fmt.Errorf("reading listener address: %w", err)
		}
		if port := httpPort(ctx); len(server.TLSConnPolicies) == 0 || a.StartPort <= port && port <= a.EndPort {
			return fmt.Errorf("listener %s speaks plain HTTP, and browsers keep no session there: use HTTPS (tls internal works at home), "+
				"or say origin https://… where TLS ends in front of Caddy", address)
		}
		for port := a.StartPort; port <= a.EndPort && !a.IsUnixNetwork(); port++ {
			s.ports = append(s.ports, strconv.FormatUint(uint64(port), 10))
		}
	}
	return nil
}

// checkHome: a home page that needs no session would not be the place where a sign-in ends.
func (h *Handler) checkHome() error {
	in := h.SignIn
	if len(in.Home) == 0 {
		in.Home = []string{"/"}
	}
	for _, path := range in.Home {
		rule, err := h.policy.Match(policy.Target{Method: "GET", Path: path})
		switch {
		case !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "?#*"):
			return fmt.Errorf("home %s is not a path", path)
		case err != nil:
			return fmt.Errorf("no rule lets anybody open home %s: add `allow GET %s any_token`, or name another page with home", path, path)
		case rule.Public:
			return fmt.Errorf("home %s is public, and nobody would be asked to sign in: name a page that is not", path)
		}
	}
	return nil
}

// Origins implements app.SignIn.
func (s *SignIn) Origins() (all []string) {
	if s.Origin != "" {
		return []string{s.Origin}
	}
	for _, host := range s.site.hosts {
		for _, port := range s.ports {
			if !strings.ContainsAny(host, "*{") {
				all = append(all, originOf(net.JoinHostPort(strings.Trim(host, "[]"), port)))
			}
		}
	}
	return all
}

// Serves implements app.SignIn.
func (s *SignIn) Serves(origin string) bool {
	if s.Origin != "" {
		return origin == s.Origin
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || originOf(u.Host) != origin {
		return false
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return slices.Contains(s.ports, port) && s.site.answersFor(u.Hostname())
}

// originOf is the origin of a host, with its port where it is not that of HTTPS (RFC 6454 §6.2).
func originOf(host string) string {
	return "https://" + strings.ToLower(strings.TrimSuffix(host, ":443"))
}

// Invitation implements app.SignIn.
func (s *SignIn) Invitation() time.Duration {
	if s.Invite == nil {
		return 0
	}
	return time.Duration(s.Invite.Lifetime)
}

// Interface guards
var _ app.SignIn = (*SignIn)(nil)
