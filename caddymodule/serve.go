package caddymodule

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/bearer"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

// ServeHTTP decides, and then refuses or releases. A refusal is written here and never becomes an error route's
// business: a route that proxies would turn it into the bot's 200.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	if h.cors != nil {
		if h.cors.Preflight(w, r) {
			app.Preflight()
			return nil
		}
		w = h.shareWith(w, r)
	}
	if h.SignIn.has(r.URL.Path) && r.URL.RawQuery != "" { // a provider puts its code there
		defer h.logAccess(w, r)()
	}
	if hasQueryToken(r) {
		return h.serveQueryToken(w, r, next)
	}
	return h.serve(w, r, next)
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	now := time.Now()
	p, err := h.decideSafely(r, now)
	if p.door && err == nil {
		return h.serveDoor(w, r, now)
	}
	if p.document != nil {
		p.document.ServeHTTP(w, r)
		return nil
	}
	reportOnly := h.InsecureReportOnly && !unreadable(p, err)
	if err == nil && !reportOnly {
		err = h.useUp(r, p, now)
	}
	h.record.decision(r, p, err, reportOnly)
	if reportOnly {
		return h.report(w, r, p, err, next)
	}
	if err != nil {
		h.refuse(w, r, err, p.scopes())
		return nil
	}
	if h.Panel != nil {
		return h.servePanel(w, r, p)
	}
	return h.release(w, r, p, now, next)
}

// decideSafely is decide, whose panic denies. The bot's own panics are not our business: next is called outside.
func (h *Handler) decideSafely(r *http.Request, now time.Time) (p pass, err error) {
	defer func() {
		if v := recover(); v != nil {
			// Only the type: the value may hold what the request held.
			err = deny.Because(deny.Internal, fmt.Errorf("panic of type %T", v))
		}
	}()
	return h.decide(r, now)
}

// unreadable reports whether the request could not be read in one way, so that no rule was asked: that is refused also
// where nothing else is enforced.
func unreadable(p pass, err error) bool {
	return err != nil && p.target.Method == "" && deny.ReasonOf(err) != deny.NoRule // of a method that nobody knows
}

// report lets r go on as it came, credentials included, whatever was decided. Placeholders name a caller only where the
// request would have passed.
func (h *Handler) report(w http.ResponseWriter, r *http.Request, p pass, err error, next caddyhttp.Handler) error {
	if err != nil {
		p.token = nil
	}
	identify(r, p.token)
	return next.ServeHTTP(w, r)
}

// release is everything else that acts: the request is made presentable and goes on to the bot, under guard as long as it is
// open.
func (h *Handler) release(w http.ResponseWriter, r *http.Request, p pass, now time.Time, next caddyhttp.Handler) error {
	if p.token != nil {
		h.app.Admitted(p.token)
	}
	w = selectMarker(w, bearer.Remove(r))
	h.stripped.remove(r)
	w = h.keepSession(w, r, p)
	identify(r, p.token)
	s, sent := h.open(r, p, now), newAttempt(r)
	will := h.readWill(r, p, s, next)
	ctx := r.Context()
	if !p.rule.Replayable {
		ctx = sent.trace(ctx)
	}
	err := app.Streams().Serve(ctx, s, w, r, h.app.StreamCause, func(w http.ResponseWriter, r *http.Request) error {
		if h.unseen || p.rule.Replayable { // nobody looks
			sent.begun.Store(true)
		}
		if p.rule.Replayable {
			return next.ServeHTTP(w, r)
		}
		return h.sendOnce(w, r, sent, next)
	}, func(last bool) {
		h.record.ended(h.app, s)
		if last {
			app.LeaveWill(will.leave)
		}
	})
	if errors.Is(err, stream.ErrUnanswered) {
		clear(w.Header()) // what the bot said of the answer that is not sent may stand there: its cookie, its encoding
		h.refuse(w, r, denialOf(s.Cause(), sent), p.scopes())
		return nil
	}
	return err
}
