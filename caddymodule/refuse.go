package caddymodule

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/door"
	"github.com/botlatch/botlatch/caddymodule/session"
)

// refuse answers with a row of deny. Where people sign in, a browser that loads a page gets one; status and challenge are
// the same for all.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error, scopes []string) {
	realm := h.realm
	realm.ResourceMetadata = h.metadata.pointer(r.Host)
	if h.SignIn == nil {
		realm.Write(w, err, scopes)
		return
	}
	w.Header().Add("Vary", "Sec-Fetch-Mode, Accept")
	if !door.WantsPage(r) {
		realm.Write(w, err, scopes)
		return
	}
	reason := deny.ReasonOf(err)
	body := h.SignIn.door.Refusal(w.Header(), reason.Status(), reason.Detail(), reason == deny.Outside)
	realm.WriteAs(w, err, scopes, "text/html; charset=utf-8", body)
}

// serveDoor answers for the latch itself.
func (h *Handler) serveDoor(w http.ResponseWriter, r *http.Request, now time.Time) error {
	return h.safely(w, r, func() { h.SignIn.door.Serve(w, r, now) })
}

// safely lets a page of the latch answer. A panic is answered 503, like any of a decision.
func (h *Handler) safely(w http.ResponseWriter, r *http.Request, answer func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			denial := deny.Because(deny.Internal, fmt.Errorf("panic of type %T", v))
			h.record.decision(r, pass{}, denial, false)
			h.realm.Write(w, denial, nil)
		}
	}()
	answer()
	return nil
}

// keepSession takes the cookies of all sites of the latch out of r, and out of the answer what would set one. An answer to a
// session is that browser's alone (RFC 9111 §5.2.2.7): shared caches know of the Authorization field, and nothing of sessions.
func (h *Handler) keepSession(w http.ResponseWriter, r *http.Request, p pass) http.ResponseWriter {
	if len(r.Header["Cookie"]) > 0 {
		session.Remove(r)
	}
	if h.SignIn == nil {
		return w
	}
	private := p.token != nil && p.token.Session
	return finishHead(w, func(_ int, header http.Header) {
		session.Withhold(header)
		if private && !isPrivate(header["Cache-Control"]) {
			header["Cache-Control"] = []string{privately(header["Cache-Control"])}
		}
	})
}

// privately is what a bot says of caching, for one browser's cache.
func privately(fields []string) string {
	kept := make([]string, 0, 4)
	for directive := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		directive = strings.Trim(directive, " \t")
		name, _, _ := strings.Cut(directive, "=")
		if directive != "" && !strings.EqualFold(name, "public") && !strings.EqualFold(name, "s-maxage") {
			kept = append(kept, directive)
		}
	}
	return strings.Join(append(kept, "private"), ", ")
}
