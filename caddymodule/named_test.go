package caddymodule

import (
	"encoding/json"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/intercept"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
)

// TestRefusesWhatUndoesALatchInANamedRoute, which only a configuration in JSON can have.
func TestRefusesWhatUndoesALatchInANamedRoute(t *testing.T) {
	t.Parallel()
	const latch, auth = `{"handler":"botlatch"}`, `{"handler":"authentication"}`
	const around = `{"handler":"intercept","handle_response":[{"routes":[{"handle":[{"handler":"reverse_proxy"}]}]}]}`
	route := func(handlers ...caddyhttp.MiddlewareHandler) caddyhttp.RouteList {
		return caddyhttp.RouteList{{Handlers: []caddyhttp.MiddlewareHandler{&caddyhttp.Subroute{Routes: caddyhttp.RouteList{{Handlers: handlers}}}}}}
	}
	proxying := &intercept.Intercept{HandleResponse: []caddyhttp.ResponseHandler{{Routes: route(&reverseproxy.Handler{})}}}
	for name, c := range map[string]struct {
		named  []string
		routes caddyhttp.RouteList
		ok     bool
	}{
		"ok/invoked":                         {[]string{latch}, route(&caddyhttp.Invoke{}), true},
		"ok/intercept that answers":          {[]string{latch}, route(&intercept.Intercept{}, &caddyhttp.Invoke{}), true},
		"ok/intercept, and another's route":  {[]string{auth}, route(proxying, &caddyhttp.Invoke{}), true},
		"ok/intercept where nothing's run":   {[]string{latch}, route(proxying), true},
		"deny/intercept around what's run":   {[]string{latch}, route(proxying, &caddyhttp.Invoke{}), false},
		"deny/intercept beside what's run":   {[]string{latch}, append(route(proxying), route(&caddyhttp.Invoke{})...), false},
		"deny/intercept in the named route":  {[]string{around, latch}, route(&caddyhttp.Invoke{}), false},
		"deny/basic_auth in the named route": {[]string{auth, latch}, route(&caddyhttp.Invoke{}), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var raw []json.RawMessage
			for _, h := range c.named {
				raw = append(raw, json.RawMessage(h))
			}
			server := &caddyhttp.Server{Routes: c.routes, NamedRoutes: map[string]*caddyhttp.Route{"named": {HandlersRaw: raw}}}
			if err := checkNamed(server); (err == nil) != c.ok {
				t.Errorf("%v", err)
			}
		})
	}
}
