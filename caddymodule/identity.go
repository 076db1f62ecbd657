package caddymodule

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/bearer"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/door"
	"github.com/botlatch/botlatch/caddymodule/policy"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// identity is steps 3 to 5: the one credential of r, verified and good at a time. A token counts only where tokens stand, and a session only
// in its cookie: neither takes the place of the other.
func (h *Handler) identity(r *http.Request, t policy.Target, now time.Time) (*accesstoken.Token, error) {
	websocket := t.Method == policy.WebSocket
	raw, err := bearer.Find(r, bearer.Places{Subprotocol: websocket, Query: h.InsecureQueryToken})
	if err == nil {
		return h.access(r.Context(), raw, now)
	}
	if h.SignIn == nil || deny.ReasonOf(err) != deny.NoCredentials || len(r.Header["Authorization"]) > 0 {
		return nil, err
	}
	token, found := h.SignIn.identify(r, now)
	if token == nil {
		return nil, found
	}
	// It is known by now who it would be, for the log.
	return token, h.SignIn.provenance(r, websocket)
}

// has reports whether a path belongs to the doors.
func (s *SignIn) has(path string) bool { return s != nil && strings.HasPrefix(path, door.Root) }

// checkDoor asks of a request for a door what is asked before any credential is looked at. It is never held.
func (h *Handler) checkDoor(r *http.Request, t policy.Target) error {
	if t.EarlyData {
		return deny.Because(deny.EarlyData, nil)
	}
	return h.checkTransport(r)
}

// checkHeld: the panel is where a hold ends.
func (h *Handler) checkHeld() error {
	if h.Panel != nil {
		return nil
	}
	return h.app.CheckHeld()
}

// checkRevoked is step 6.
func (h *Handler) checkRevoked(ctx context.Context, t *accesstoken.Token, now time.Time) error {
	if h.Panel != nil {
		return h.app.CheckRevokedOnHold(ctx, t, now)
	}
	return h.app.CheckRevoked(ctx, t, now)
}

// access verifies an access token and asks whether it is good now, on this site.
func (h *Handler) access(ctx context.Context, raw string, now time.Time) (*accesstoken.Token, error) {
	token, err := h.verify(ctx, raw)
	if err == nil {
		err = h.validation.Validate(token, now)
	}
	return token, err
}

// origin is the site's own as r asked for it; "": none on which a session could be held.
func (s *SignIn) origin(r *http.Request) string {
	switch {
	case s.Origin != "":
		return s.Origin
	case r.TLS == nil:
		return ""
	}
	return originOf(r.Host)
}

// cookie is the value of the session cookie that r bears; "": none.
func (s *SignIn) cookie(r *http.Request) (raw, origin string) {
	if len(r.Header["Cookie"]) == 0 {
		return "", ""
	}
	origin = s.origin(r)
	return session.Find(r, session.CookieName(origin)), origin
}

// identify is the token of the session that r bears. The error is a row of deny.
func (s *SignIn) identify(r *http.Request, now time.Time) (*accesstoken.Token, error) {
	raw, origin := s.cookie(r)
	if raw == "" {
		return nil, deny.Because(deny.NoCredentials, nil)
	}
	t, err := s.verifier.Verify(r.Context(), raw, origin, now)
	switch {
	case err == nil:
		return t, nil
	case errors.Is(err, session.ErrKeys):
		return nil, deny.Because(deny.Unavailable, err)
	case errors.Is(err, session.ErrExpired):
		return nil, deny.Because(deny.Expired, err)
	case errors.Is(err, session.ErrUnknownKey):
		return nil, deny.Because(deny.UnknownKey, err)
	}
	return nil, deny.Because(deny.MalformedToken, err)
}

// provenance is step 4a: a session counts only for what began on the site's own pages.
func (s *SignIn) provenance(r *http.Request, websocket bool) error {
	p := session.Provenance{Origin: s.origin(r), Home: s.Home, ServiceWorkers: s.ServiceWorkers}
	err := p.Check(r, websocket)
	if err == nil {
		return nil
	}
	return deny.Because(provenances[err], err)
}

var provenances = map[error]deny.Reason{
	session.ErrForeign: deny.Foreign, session.ErrOutside: deny.Outside, session.ErrPrefetch: deny.Prefetch,
	session.ErrServiceWorker: deny.ServiceWorker, session.ErrNoMetadata: deny.NoMetadata,
}

// Stands implements app.SignIn.
func (s *SignIn) Stands(ctx context.Context, t *accesstoken.Token) (bool, error) {
	ring, err := s.keys.Ring(ctx, "")
	return err == nil && ring.Has(t.KeyID) && s.Serves(t.Issuer.Name), err
}
