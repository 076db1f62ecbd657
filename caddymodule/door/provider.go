package door

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// Provider is a door that leads over an OpenID provider.
type Provider struct {
	*oidc.Provider

	// Lifetime is how long a browser stays signed in.
	Lifetime time.Duration
}

// Host is what people know it by.
func (p *Provider) Host() string {
	u, err := url.Parse(p.Issuer())
	if err != nil {
		return p.Issuer()
	}
	return u.Host
}

// formTargets are where the redirect behind a form of ours may lead, for a Content-Security-Policy: browsers look at that, too.
// Where a provider lets people sign in is often another host than its issuer, and not known before it is asked.
func (d *Door) formTargets() string {
	targets := ""
	for _, p := range d.Providers {
		target := " https:"
		if u, err := url.Parse(p.Issuer()); err == nil && u.Scheme == "http" { // on loopback
			target = " http://" + u.Host
		}
		if !strings.Contains(targets, target) {
			targets += target
		}
	}
	return targets
}

// toProvider leads to the provider that the form names.
func (d *Door) toProvider(v *visit) {
	i, err := strconv.Atoi(v.r.PostForm.Get("provider"))
	if err != nil || i < 0 || i >= len(d.Providers) {
		d.noSuchDoor(v)
		return
	}
	location, cookies, err := d.Providers[i].Begin(v.r, v.Origin, v.now, d.replaced(v))
	if err != nil {
		d.Desk.Failed(v.Visitor, OIDC, err)
		d.Desk.Count(OIDC, Failure)
		d.providerDown(v, d.Providers[i].Host())
		return
	}
	for _, cookie := range cookies {
		http.SetCookie(v.w, cookie)
	}
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(v.w, v.r, location, http.StatusSeeOther)
}

// replaced names the session that a browser has when it goes to a provider: its cookie is Strict, and does not come back with it.
func (d *Door) replaced(v *visit) string {
	s := d.Desk.Session(v.r, false)
	if s == nil {
		return ""
	}
	return strconv.FormatInt(s.ExpiresAt.Unix(), 10) + " " + s.ID
}

// replace ends the session that replaced has named.
func (d *Door) replace(v *visit, named string) {
	ends, id, _ := strings.Cut(named, " ")
	if seconds, err := strconv.ParseInt(ends, 10, 64); err == nil {
		old := &session.Session{Origin: v.Origin, ID: id, ExpiresAt: time.Unix(seconds, 0)}
		_ = d.Desk.End(v.r.Context(), old) // its cookie is replaced; what is left of it ends by itself
	}
}

// callback is where the provider sends the browser back to. It is a GET that acts, once, and only in the browser that went.
func (d *Door) callback(v *visit) {
	if v.r.Method != http.MethodGet {
		d.front(v) // HEAD uses nothing up
		return
	}
	p := d.asked(v)
	if p != nil && !d.limit.allow(v.Address, v.now) { // by hand, the flow's cookie can be sent again, and each time the provider is asked
		d.tooMany(v, OIDC)
		return
	}
	if spent := oidc.Spent(v.r); spent != nil {
		http.SetCookie(v.w, spent)
	}
	if p == nil {
		d.refuseCallback(v, "", oidc.ErrNoFlow)
		return
	}
	who, err := p.Finish(v.r, v.Origin, v.now)
	if err != nil {
		d.refuseCallback(v, p.Host(), err)
		return
	}
	g := granted(who, v.now, v.now.Add(p.Lifetime))
	cookie, err := d.Desk.Begin(v.r.Context(), v.Visitor, OIDC, g)
	if err != nil {
		d.Desk.Failed(v.Visitor, OIDC, err)
	}
	if errors.Is(err, ErrRevoked) {
		d.refuseRevoked(v, OIDC)
		return
	}
	if err != nil {
		d.Desk.Count(OIDC, Failure)
		d.unavailable(v)
		return
	}
	d.Desk.Count(OIDC, Success)
	d.give(v, cookie, g)
	d.replace(v, who.Replaces)
	d.hints.keep(cookie, hint{p, who.IDToken, g.ExpiresAt}, v.now)
	// No redirect: it would have begun at the provider, and a Strict cookie does not ride on that.
	d.page(v, http.StatusOK, "welcome", g)
}

// asked is the provider of the flow that r ends; nil: there is none in this browser.
func (d *Door) asked(v *visit) *Provider {
	if len(d.Providers) == 0 {
		return nil
	}
	issuer, err := oidc.FlowIssuer(v.r, v.Origin, d.FlowKey, v.now)
	if err != nil {
		return nil
	}
	for _, p := range d.Providers {
		if p.Issuer() == issuer {
			return p
		}
	}
	return nil
}

// granted is what a sign-in at a time gives. A provider's clock that is ahead does not keep a session from whoever revokes what it
// rests on: that was issued by now.
func granted(who *oidc.Person, now, ends time.Time) Grant {
	g := Grant{
		Subject: who.Subject, Name: who.Name, Picture: who.Picture, Scope: who.Scopes, ExpiresAt: ends,
		From: session.From{Issuer: who.Issuer, Subject: who.Subject, SessionID: who.SessionID, IssuedAt: min(who.IssuedAt.Unix(), now.Unix())},
	}
	if who.Access != nil {
		g.From.TokenID, g.From.Key, g.From.Fingerprint = who.Access.TokenID, who.Access.Key, who.Access.Fingerprint
	}
	return g
}

// refuseCallback says why nobody was signed in.
func (d *Door) refuseCallback(v *visit, host string, err error) {
	d.Desk.Failed(v.Visitor, OIDC, err)
	if errors.Is(err, oidc.ErrProvider) {
		d.Desk.Count(OIDC, Failure)
		d.providerDown(v, host)
		return
	}
	if errors.Is(err, oidc.ErrUnknown) {
		d.Desk.Count(OIDC, Failure)
		d.unavailable(v)
		return
	}
	d.Desk.Count(OIDC, Refused)
	switch {
	case errors.Is(err, oidc.ErrNothingGranted):
		d.offerDoors(v, http.StatusForbidden, notice{
			"Nobody has given you anything here",
			"You are signed in at " + host + ", but the owner of this site has not let you in. Ask the owner, then sign in once more.",
		})
	case errors.Is(err, oidc.ErrRefused):
		d.offerDoors(v, http.StatusForbidden, notice{host + " did not sign you in", "Nothing has changed. You can try again."})
	case errors.Is(err, oidc.ErrNoFlow):
		d.offerDoors(v, http.StatusBadRequest, notice{
			"This sign-in did not begin in this browser",
			"Or it took longer than ten minutes, or was finished already, or this browser keeps no cookies. Begin once more, here.",
		})
	default:
		d.offerDoors(v, http.StatusForbidden, notice{"Signing in did not work", "The answer of the provider cannot be trusted. Begin once more, here."})
	}
}

func (d *Door) providerDown(v *visit, host string) {
	d.offerDoors(v, http.StatusBadGateway, notice{
		host + " does not answer as it should",
		"Nothing has changed. Wait a little, and try again. If it stays so, tell the owner.",
	})
}

// patience is how long a sign-out waits for a provider: here everything has ended by then.
const patience = 2 * time.Second

// elsewhere is where who was signed in by a provider signs out there, too; "": there is no such place.
func (d *Door) elsewhere(ctx context.Context, cookie string, now time.Time) (location, host string) {
	h, ok := d.hints.take(cookie)
	if !ok {
		return "", ""
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	location, ok = h.provider.EndSession(ctx, h.idToken, "", now)
	if !ok {
		return "", ""
	}
	return location, h.provider.Host()
}
