package caddymodule

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
)

func init() { caddy.RegisterModule(ErrorGuard{}) }

// ErrorGuard answers an error by its status alone. The latch puts it before every error route of its site that proxies:
// such a route would send the bot requests that nobody judged, because Caddy refuses some before any handler runs (a
// method too long, no host, a body too large), and gives those that were judged back the path that they came with.
type ErrorGuard struct{}

// CaddyModule returns the Caddy module information.
func (ErrorGuard) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.botlatch_errors", New: func() caddy.Module { return new(ErrorGuard) }}
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (ErrorGuard) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	err, _ := r.Context().Value(caddyhttp.ErrorCtxKey).(error)
	w.WriteHeader(statusOf(err))
	return nil
}

// errorGuard is the guard as a raw handler.
var errorGuard = json.RawMessage(`{"handler":"botlatch_errors"}`)

// guardErrors puts the guard into the error routes of the server that this site's requests can meet. Caddy provisions
// them after the routes, so they are still raw; where they are not, the configuration is refused.
func (h *Handler) guardErrors(log *zap.Logger, server *caddyhttp.Server) error {
	if server.Errors == nil {
		return nil
	}
	for i := range server.Errors.Routes {
		route := &server.Errors.Routes[i]
		if len(route.Handlers) > 0 {
			return errors.New("handle_errors is set up before this site: botlatch cannot stand in a named route beside it")
		}
		guarded := slices.ContainsFunc(route.HandlersRaw, func(raw json.RawMessage) bool { return string(raw) == string(errorGuard) })
		if guarded || !proxies(route.HandlersRaw) || !h.site.meets(route.MatcherSetsRaw) {
			continue
		}
		log.Warn("handle_errors proxies: such errors are answered by their status alone, because no rule judges what would be sent")
		route.HandlersRaw = slices.Insert(route.HandlersRaw, 0, errorGuard)
	}
	return nil
}

// proxies reports whether a handler sends requests on, or runs a named route, which may.
func proxies(handlers []json.RawMessage) bool {
	return slices.ContainsFunc(handlers, func(raw json.RawMessage) bool {
		return mentions(raw, "reverse_proxy") || mentions(raw, "invoke")
	})
}

// meets reports whether a request of the site can fall under a route with these matchers. Only names that differ tell
// that it cannot.
func (s siteName) meets(sets caddyhttp.RawMatcherSets) bool {
	if len(sets) == 0 || len(s.hosts) == 0 {
		return true
	}
	for _, set := range sets {
		var hosts []string
		raw, named := set["host"]
		if !named || json.Unmarshal(raw, &hosts) != nil {
			return true
		}
		if slices.ContainsFunc(hosts, func(host string) bool { return slices.Contains(s.hosts, host) }) {
			return true
		}
	}
	return false
}

// Interface guards
var _ caddyhttp.MiddlewareHandler = (*ErrorGuard)(nil)
