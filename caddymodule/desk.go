package caddymodule

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/door"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// desk is what a site does for its doors.
type desk struct{ h *Handler }

// maxBrowser bounds what a browser says of itself, bytes, before it is kept.
const maxBrowser = 200

// Visitor implements door.Desk.
func (d desk) Visitor(r *http.Request) door.Visitor {
	clientIP, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	address, _ := netip.ParseAddr(clientIP)
	browser := r.UserAgent()
	return door.Visitor{Address: address, Browser: browser[:min(len(browser), maxBrowser)], Origin: d.h.SignIn.origin(r)}
}

// Session implements door.Desk.
func (d desk) Session(r *http.Request, own bool) *session.Session {
	in, now := d.h.SignIn, time.Now()
	raw, origin := in.cookie(r)
	if raw == "" || own && in.provenance(r, false) != nil {
		return nil
	}
	s, token, err := in.verifier.Read(r.Context(), raw, origin, now)
	if err != nil || d.h.app.Revoked(token) {
		return nil
	}
	return s
}

// Begin implements door.Desk.
func (d desk) Begin(ctx context.Context, v door.Visitor, name string, g door.Grant) (cookie string, err error) {
	s, cookie, err := d.sign(ctx, v, g)
	if err != nil {
		return "", err
	}
	return cookie, d.h.app.BeginSession(ctx, line(v, name, s))
}

// sign makes the session and the value of its cookie. Nothing knows of it yet. door.ErrRevoked: it would not count for a moment.
func (d desk) sign(ctx context.Context, v door.Visitor, g door.Grant) (s *session.Session, cookie string, err error) {
	s = &session.Session{
		Origin: v.Origin, Subject: g.Subject, Name: g.Name, Picture: g.Picture, Scope: g.Scope,
		ID: rand.Text(), TokenID: rand.Text(),
		IssuedAt: time.Now().Truncate(time.Second), ExpiresAt: g.ExpiresAt.Truncate(time.Second), From: g.From,
	}
	ring, err := d.h.SignIn.keys.Ring(ctx, "")
	if err != nil {
		return nil, "", err
	}
	cookie, err = ring.Sign(s)
	if errors.Is(err, session.ErrTooLong) && s.Picture != "" {
		s.Picture = ""
		cookie, err = ring.Sign(s)
	}
	if err != nil {
		return nil, "", err
	}
	_, token, err := d.h.SignIn.verifier.Read(ctx, cookie, v.Origin, s.IssuedAt)
	if err != nil {
		return nil, "", err
	}
	if d.h.app.Revoked(token) {
		return nil, "", door.ErrRevoked
	}
	return s, cookie, nil
}

func line(v door.Visitor, name string, s *session.Session) app.SignedIn {
	l := app.SignedIn{
		ID: s.ID, Site: s.Origin, Subject: s.Subject, Name: s.Name, Door: name, Scope: s.Scope, From: s.From,
		Browser: v.Browser, Since: s.IssuedAt.UTC(), Expires: s.ExpiresAt.UTC(),
	}
	if v.Address.IsValid() {
		l.Address = v.Address.String()
	}
	return l
}

// Take implements door.Desk. What could go wrong goes wrong before the invitation is used up; what goes wrong after it gives
// it back.
func (d desk) Take(ctx context.Context, v door.Visitor, secret string) (cookie string, g door.Grant, err error) {
	now := time.Now()
	found, err := d.h.app.FindInvitation(ctx, v.Origin, secret, now)
	if err != nil {
		return "", g, invitationError(err)
	}
	g = door.Grant{
		Subject: found.Name, Name: found.Name, Scope: found.Scope, ExpiresAt: now.Add(time.Duration(found.For) * time.Second),
	}
	s, cookie, err := d.sign(ctx, v, g)
	if err != nil {
		return "", g, err
	}
	taken := app.Taken{At: now.UTC().Truncate(time.Second), Browser: v.Browser, Session: s.ID}
	if v.Address.IsValid() {
		taken.Address = v.Address.String()
	}
	giveBack, err := d.h.app.TakeInvitation(ctx, v.Origin, secret, taken)
	if err != nil {
		return "", g, invitationError(err)
	}
	if err := d.h.app.BeginSession(ctx, line(v, door.Invite, s)); err != nil {
		giveBack()
		return "", g, err
	}
	return cookie, g, nil
}

func invitationError(err error) error {
	for from, to := range map[error]error{
		app.ErrNoInvitation: door.ErrNoInvitation, app.ErrInvitationUsed: door.ErrInvitationUsed, app.ErrInvitationOver: door.ErrInvitationOver,
	} {
		if errors.Is(err, from) {
			return to
		}
	}
	return err
}

// End implements door.Desk.
func (d desk) End(ctx context.Context, s *session.Session) error {
	return d.h.app.SignOut(ctx, s, "its browser")
}

// Failed implements door.Desk.
func (d desk) Failed(v door.Visitor, name string, why error) {
	d.h.record.log.Info("sign-in failed", zap.String("door", name), zap.Stringer("client_ip", v.Address), zap.NamedError("detail", why))
}

// Count implements door.Desk.
func (d desk) Count(name, result string) { app.CountSignIn(name, result) }

// Interface guards
var _ door.Desk = desk{}
