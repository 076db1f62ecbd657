package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/session"
)

const (
	defaultWithin = 10 * time.Minute
	maxWithin     = 7 * 24 * time.Hour
	maxName       = 64   // characters
	maxScope      = 1500 // bytes of all: the session must fit into a cookie
)

// InviteRequest asks for an invitation. Its fields are the body of the admin API.
type InviteRequest struct {
	// The origin of the site. Default: the only one there is.
	Site string `json:"site,omitempty"`
	// Who is invited: the sub of the session, 1 to 64 characters. Required.
	Name string `json:"name"`
	// The scopes of the session. At least one.
	Scope []string `json:"scope"`
	// How long the browser stays signed in, such as 720h. Default: what the site says (30d).
	For string `json:"for,omitempty"`
	// Within what time the invitation must be taken. Default 10m, at most 7 days.
	Within string `json:"within,omitempty"`
}

// invitation reads a request.
func (a *App) invitation(req InviteRequest, now time.Time) (v Invitation, err error) {
	v = Invitation{Site: req.Site, Name: strings.TrimSpace(req.Name), Scope: req.Scope, Created: now.UTC().Truncate(time.Second)}
	if v.Site == "" {
		switch origins := a.origins(); len(origins) {
		case 0:
			return v, errors.New("say at which origin the site is reached, such as https://lock.example.com: it serves any host")
		case 1:
			v.Site = origins[0]
		default:
			return v, fmt.Errorf("say which site, by its origin: one of %q", origins)
		}
	}
	i := slices.IndexFunc(a.signIns(), func(in SignIn) bool { return in.Serves(v.Site) && in.Invitation() > 0 })
	switch {
	case i < 0:
		return v, fmt.Errorf("no site at %q has sign_in with invite: sites are at %q", v.Site, a.origins())
	case v.Name == "" || len([]rune(v.Name)) > maxName || strings.ContainsFunc(v.Name, isControl):
		return v, errors.New("name is who is invited, 1 to 64 characters without control characters")
	case len(v.Scope) == 0:
		return v, errors.New("scope is missing: name the scopes that the site's rules ask for")
	case slices.ContainsFunc(v.Scope, func(s string) bool { return !deny.ValidScope(s) }):
		return v, errors.New("scope: one is no scope (RFC 6749 §3.3)")
	case len(strings.Join(v.Scope, `","`)) > maxScope:
		return v, fmt.Errorf("scope: together they are longer than %d bytes, and would not fit into a cookie", maxScope)
	}
	life, err := duration("for", req.For, a.signIns()[i].Invitation(), session.MaxLife)
	if err != nil {
		return v, err
	}
	v.For = int64(life / time.Second)
	within, err := duration("within", req.Within, defaultWithin, maxWithin)
	v.Expires = v.Created.Add(within)
	return v, err
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// duration reads one, with days, of at least a second.
func duration(name, text string, otherwise, most time.Duration) (time.Duration, error) {
	if text == "" {
		return otherwise, nil
	}
	d, err := caddy.ParseDuration(text)
	if err != nil || d < time.Second || d > most {
		return 0, fmt.Errorf("%s is no duration between 1s and %s, such as 30m or 10d", name, most)
	}
	return d, nil
}
