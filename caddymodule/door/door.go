// Package door is the ways to a session on one site: the pages and actions under /.botlatch/, where a person uses an
// invitation, shows an access token or comes from a provider, and signs out again. What a door gives, and what comes of
// it, is its Desk's to say.
//
// A GET changes nothing here, because browsers, scanners and chat previews send it by themselves. A POST counts only from
// the site's own pages.
package door

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// Root is where everything of this package is, and nothing of the bot.
const Root = "/.botlatch/"

// The doors, as metrics and the ledger name them.
const (
	Invite = "invite"
	Token  = "token"
	OIDC   = "oidc"
)

// The results of an attempt, as metrics name them.
const (
	Success = "success"
	Refused = "refused" // whoever asks may not come in
	Failure = "failure" // something that we need is missing
	Limited = "limited" // too many attempts
)

// Grant is what a door gives.
type Grant struct {
	Subject, Name, Picture string
	Scope                  []string
	ExpiresAt              time.Time
	From                   session.From
}

// Visitor is who asks, as far as it can be told.
type Visitor struct {
	Address netip.Addr
	Browser string // which says so of itself
	Origin  string // of the site, as it was asked for
}

// Desk is what doors ask of the latch. Its errors are those of this package, or mean that the latch cannot say.
type Desk interface {
	// Visitor says who sends r. No Origin: none at which a session could be held.
	Visitor(r *http.Request) Visitor
	// Session is the session that r bears and that counts now; nil: none. own also asks where r began (session.Provenance).
	Session(r *http.Request, own bool) *session.Session
	// Exchange turns an access token into what it gives.
	Exchange(ctx context.Context, raw, origin string) (Grant, error)
	// Take uses up an invitation, and begins its session: the value of the cookie. ErrRevoked: as of Begin, and nothing is used up.
	Take(ctx context.Context, v Visitor, secret string) (cookie string, g Grant, err error)
	// Begin begins a session: the value of its cookie. It is durable by then. ErrRevoked: it would not count for a moment.
	Begin(ctx context.Context, v Visitor, door string, g Grant) (cookie string, err error)
	// End revokes a session, durably, and ends its streams.
	End(ctx context.Context, s *session.Session) error
	// Failed says who was not let in and why, for the operator's log. The error holds no token and no claim.
	Failed(v Visitor, door string, why error)
	// Count counts an attempt.
	Count(door, result string)
}

// Door is the doors of one site. Safe for concurrent use.
type Door struct {
	Desk Desk
	// Home is where a sign-in ends.
	Home string
	// Invites, Tokens: the site has that door.
	Invites, Tokens bool
	// Providers are the OpenID providers that lead in.
	Providers []*Provider
	// FlowKey seals what a browser keeps while it is at a provider.
	FlowKey oidc.Key

	limit limiter
	hints hints
}

// place is something under Root: what it answers to GET and, unless that is nil, to POST.
type place struct {
	get, post func(*Door, *visit)
}

// places are all there are. Anything else is 404.
var places = map[string]place{
	"":      {get: (*Door).front},
	"in":    {get: (*Door).invitation, post: (*Door).takeInvitation},
	"token": {get: (*Door).front, post: (*Door).exchangeToken},
	"oidc":  {get: (*Door).front, post: (*Door).toProvider},
	"out":   {get: (*Door).front, post: (*Door).signOut},
	"me":    {get: (*Door).me},

	oidc.CallbackPath[len(Root):]: {get: (*Door).callback},
}

// visit is a request on its way through a door.
type visit struct {
	Visitor

	w   http.ResponseWriter
	r   *http.Request
	now time.Time
}

// Serve answers r, whose path begins with Root.
func (d *Door) Serve(w http.ResponseWriter, r *http.Request, now time.Time) {
	v := &visit{d.Desk.Visitor(r), w, r, now}
	p, ok := places[r.URL.Path[len(Root):]]
	if !ok || r.URL.RawPath != "" {
		d.page(v, http.StatusNotFound, "plain", notice{"There is nothing here", "The address may be misspelled."})
		return
	}
	switch {
	case v.Origin == "":
		d.page(v, http.StatusForbidden, "plain", notice{"Sign in over HTTPS", "Open this site with https:// in front of its name."})
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		p.get(d, v)
	case p.post != nil && r.Method == http.MethodPost:
		if d.mayPost(v) {
			p.post(d, v)
		}
	default:
		allow := "GET, HEAD"
		if p.post != nil {
			allow += ", POST"
		}
		w.Header().Set("Allow", allow)
		d.page(v, http.StatusMethodNotAllowed, "plain", notice{"That cannot be done here", "Go back, and try again."})
	}
}

// front is the page with all doors or, for who is in, the way out.
func (d *Door) front(v *visit) {
	if s := d.Desk.Session(v.r, false); s != nil {
		d.page(v, http.StatusOK, "signedin", s)
		return
	}
	d.offerDoors(v, http.StatusOK, notice{"Sign in", ""})
}

// offerDoors is the page with all doors, below a notice.
func (d *Door) offerDoors(v *visit, status int, n notice) {
	d.probe(v)
	d.page(v, status, "signin", n)
}
