package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/panel"
	"github.com/botlatch/botlatch/caddymodule/policy"
)

// Panel makes the site the owner's page. It needs sign_in and has no rules, and no bot stands behind it: the bot's page would be of the
// same origin, and could press its buttons.
type Panel struct {
	// The scopes that it asks for, all of them. Required.
	Scope []string `json:"scope"`
}

// byPanel says in the audit who asked: which token or session, and not whose.
func byPanel(t *accesstoken.Token) string {
	return "the owner's panel, fingerprint " + t.Fingerprint[:shortFingerprint]
}

// provisionPanel gives the site its rules, which are not the operator's to write.
func (h *Handler) provisionPanel() error {
	switch {
	case h.Panel == nil:
		return nil
	case len(h.Panel.Scope) == 0:
		return errors.New("panel: scope is missing: whoever is signed in could stop everything")
	case h.SignIn == nil:
		return errors.New("panel: nobody could open it: add sign_in")
	case len(h.SignIn.Home) > 0 && !h.panelRules:
		return errors.New("panel: home is the panel itself: leave it out of sign_in")
	case len(h.Rules) > 0 && !h.panelRules:
		return errors.New("panel: its site has no rules of its own: give the bot another site")
	}
	h.panelRules = true
	h.Rules = []*policy.Rule{
		{Methods: []string{"GET"}, Paths: []string{"/"}, Scope: h.Panel.Scope},
		{Methods: []string{"POST"}, Paths: pressPaths(), Scope: h.Panel.Scope},
	}
	return nil
}

func pressPaths() (all []string) {
	for _, p := range panel.Presses() {
		all = append(all, panel.Root+string(p))
	}
	return all
}

// servePanel answers with the panel. It is no stream, and no hold ends it.
func (h *Handler) servePanel(w http.ResponseWriter, r *http.Request, p pass) error {
	h.app.Admitted(p.token)
	return h.safely(w, r, func() { (&panel.Panel{Desk: panelDesk{h.app, byPanel(p.token)}}).ServeHTTP(w, r) })
}

// panelDesk is what the app does for the panel.
type panelDesk struct {
	app *app.App
	by  string
}

// Look implements panel.Desk.
func (d panelDesk) Look(ctx context.Context) (s panel.Status) {
	hold := d.app.Holding()
	s.Held, s.Since, s.Reason = hold.Held, hold.Since, hold.Reason
	for _, o := range d.app.OpenStreams() {
		if o.Kind != "request" { // this one, for example
			s.Streams = append(s.Streams, panel.Stream{
				ID: strconv.FormatUint(o.ID, 10), Site: o.Site, Path: o.Path, Kind: o.Kind, Subject: o.Subject, Session: o.Session, Since: o.Since,
			})
		}
	}
	sessions, err := d.app.Sessions(ctx)
	for _, l := range sessions {
		name := l.Name
		if name == "" {
			name = l.Subject
		}
		s.Sessions = append(s.Sessions, panel.Session{
			ID: l.ID, Site: l.Site, Name: name, Door: l.Door, Address: l.Address, Browser: l.Browser, Since: l.Since, Expires: l.Expires,
		})
	}
	invitations, err2 := d.app.Invitations(ctx)
	for _, v := range invitations {
		if v.Taken == nil && time.Now().Before(v.Expires) {
			s.Invitations = append(s.Invitations, panel.Invitation{ID: v.ID, Site: v.Site, Name: v.Name, Expires: v.Expires})
		}
	}
	if errors.Join(err, err2) != nil {
		s.Trouble = "Who is signed in and invited cannot be read at the moment; look into the latch's log."
	}
	for _, n := range app.Decisions() {
		s.Decisions = append(s.Decisions, panel.Decision(n))
	}
	return s
}

// Press implements panel.Desk. Why the latch cannot do it is for its log.
func (d panelDesk) Press(ctx context.Context, p panel.Press, id string) error {
	var err error
	switch p {
	case panel.Hold:
		_, err = d.app.Hold(ctx, "", d.by)
	case panel.Resume:
		_, err = d.app.Resume(ctx, "", d.by)
	case panel.EndStream:
		n, _ := strconv.ParseUint(id, 10, 64)
		d.app.EndStream(n, d.by) // or it has ended
	case panel.EndSession:
		if _, err = d.app.EndSession(ctx, id, "signed out by the owner", d.by); errors.Is(err, app.ErrNoSession) {
			err = nil
		}
	case panel.CancelInvitation:
		if _, err = d.app.CancelInvitation(ctx, id, d.by); errors.Is(err, app.ErrNoInvitation) {
			err = nil
		}
	default:
		err = fmt.Errorf("there is no such button")
	}
	if err != nil {
		return errors.New("the latch could not write it down; look into its log")
	}
	return nil
}

// Interface guards
var _ panel.Desk = panelDesk{}
