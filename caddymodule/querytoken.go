package caddymodule

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/bearer"
)

// hasQueryToken reports whether the query holds a token, or held one when the request came: Caddy's log has it as it
// came.
func hasQueryToken(r *http.Request) bool {
	if bearer.InQuery(r.URL.RawQuery) {
		return true
	}
	came, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request)
	return ok && bearer.InQuery(came.URL.RawQuery)
}

// serveQueryToken serves a request whose query holds a token, whether it counts or not, so that no log shows it. Caddy
// made a copy of the request for its own lines before any handler ran, so it may write none: neither its access line,
// which recorder.access writes instead, nor that of an error, which is answered here.
func (h *Handler) serveQueryToken(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	defer h.logAccess(w, r)()
	r.RequestURI = withoutQueryToken(r.RequestURI) // the debug lines of reverse_proxy show it
	if !h.InsecureReportOnly {                     // which lets go on what came
		r = forgetQueryToken(r)
	}
	if h.InsecureQueryToken {
		w = finishHead(w, keepPrivate)
	}
	if err := h.serve(w, r, next); err != nil {
		h.answerError(w, r, err)
	}
	return nil
}

// logAccess keeps Caddy from writing its access line for r. What it returns writes one, without the query.
func (h *Handler) logAccess(w http.ResponseWriter, r *http.Request) func() {
	began := time.Now()
	skipped, _ := caddyhttp.GetVar(r.Context(), caddyhttp.LogSkipVar).(bool)
	caddyhttp.SetVar(r.Context(), caddyhttp.LogSkipVar, true)
	if skipped {
		return func() {}
	}
	return func() { h.record.access(w, r, time.Since(began)) }
}

// forgetQueryToken takes the token out of what Caddy keeps of r as it came: for placeholders ({http.request.orig_uri}),
// FastCGI and error routes. Out of r itself bearer.Remove takes it.
func forgetQueryToken(r *http.Request) *http.Request {
	came, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request)
	if !ok {
		return r
	}
	came.RequestURI = withoutQueryToken(came.RequestURI)
	came.URL.RawQuery = bearer.WithoutToken(came.URL.RawQuery) // every copy has the same URL
	if replacer, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
		replacer.Set("http.request.orig_uri", came.RequestURI) // the placeholder looks into an older context
	}
	return r.WithContext(context.WithValue(r.Context(), caddyhttp.OriginalRequestCtxKey, came))
}

// withoutQueryToken is a request target without its access_token parameters.
func withoutQueryToken(target string) string {
	before, query, _ := strings.Cut(target, "?")
	if query = bearer.WithoutToken(query); query == "" {
		return before
	}
	return before + "?" + query
}

// keepPrivate finishes the header of an answer to a URL that holds a token: no shared cache keeps it (RFC 6750 §2.3),
// and the page that it may be tells nobody its address, not even the bot.
func keepPrivate(_ int, header http.Header) {
	if !isPrivate(header["Cache-Control"]) {
		header["Cache-Control"] = []string{"private"}
	}
	header["Referrer-Policy"] = []string{"no-referrer"}
}

// isPrivate reports whether Cache-Control fields keep an answer out of shared caches. private="name" does not: it is
// about that field alone (RFC 9111 §5.2.2.7).
func isPrivate(fields []string) bool {
	for directive := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		if d := strings.Trim(directive, " \t"); strings.EqualFold(d, "private") || strings.EqualFold(d, "no-store") {
			return true
		}
	}
	return false
}
