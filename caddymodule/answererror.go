package caddymodule

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap/zapcore"
)

// answerError answers an error of the handlers behind the latch as Caddy would, with the site's handle_errors or by its
// status, and logs it. Caddy would log the request with it, as it came.
func (h *Handler) answerError(w http.ResponseWriter, r *http.Request, err error) {
	level := zapcore.DebugLevel
	var routes caddyhttp.RouteList
	if server, ok := r.Context().Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server); ok && server.Errors != nil {
		routes = server.Errors.Routes
	}
	if len(routes) == 0 && statusOf(err) >= http.StatusInternalServerError {
		level = zapcore.ErrorLevel
	}
	// Such a route sees the request as it came, but for its token.
	if came, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request); ok {
		r.Method, r.RequestURI, *r.URL = came.Method, withoutQueryToken(came.RequestURI), *came.URL
	}
	var config *caddyhttp.HTTPErrorConfig
	if unhandled := routes.Compile(answerStatus).ServeHTTP(w, config.WithError(r, err)); unhandled != nil {
		level = zapcore.ErrorLevel
		w.WriteHeader(statusOf(err))
		err = fmt.Errorf("handle_errors failed: %w", err)
	}
	if h.InsecureReportOnly { // what it says may come from the query, which stayed
		err = fmt.Errorf("of type %T", err)
	}
	h.record.failed(r, level, statusOf(err), err)
}

// answerStatus is an error route that says the status alone.
var answerStatus = caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
	return ErrorGuard{}.ServeHTTP(w, r, nil)
})

// statusOf is the status that Caddy answers to an error: 500, unless it says another.
func statusOf(err error) int {
	var known caddyhttp.HandlerError
	if errors.As(err, &known) && known.StatusCode != 0 {
		return known.StatusCode
	}
	return http.StatusInternalServerError
}
