package caddymodule

import (
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/intercept"
)

// checkNamed is checkNeighbours for latches in named routes. Caddy provisions those last, so nothing of the sites that
// invoke them is raw any more by then. A Caddyfile has none, see parseDirective.
func checkNamed(server *caddyhttp.Server) error {
	latched := false
	for _, route := range server.NamedRoutes {
		n := neighboursOf(*route)
		if err := n.check(); err != nil {
			return err
		}
		latched = latched || n.latch
	}
	if !latched {
		return nil
	}
	var together invoking
	for _, route := range server.Routes {
		i := invokingOf(route.Handlers)
		if i.undone() {
			return errIntercept
		}
		if len(route.MatcherSets) == 0 {
			together = invoking{together.intercept || i.intercept, together.invoke || i.invoke}
		}
	}
	if together.undone() {
		return errIntercept
	}
	return nil
}

// invoking is what stands in a site that is provisioned: an intercept that proxies, and a named route that may hold the
// latch.
type invoking struct{ intercept, invoke bool }

func (i invoking) undone() bool { return i.intercept && i.invoke }

func invokingOf(handlers []caddyhttp.MiddlewareHandler) (i invoking) {
	for _, handler := range handlers {
		switch h := handler.(type) {
		case *caddyhttp.Invoke:
			i.invoke = true
		case *intercept.Intercept:
			i.intercept = i.intercept || slices.ContainsFunc(h.HandleResponse, func(r caddyhttp.ResponseHandler) bool { return sends(r.Routes) })
		case *caddyhttp.Subroute:
			for _, route := range h.Routes {
				inner := invokingOf(route.Handlers)
				i = invoking{i.intercept || inner.intercept, i.invoke || inner.invoke}
			}
		}
	}
	return i
}

// sends reports whether provisioned routes send a request on, or may.
func sends(routes caddyhttp.RouteList) bool {
	for _, route := range routes {
		for _, handler := range route.Handlers {
			if inner, ok := handler.(*caddyhttp.Subroute); ok && sends(inner.Routes) {
				return true
			}
			if m, ok := handler.(caddy.Module); ok {
				if id := m.CaddyModule().ID; id == "http.handlers.reverse_proxy" || id == "http.handlers.invoke" {
					return true
				}
			}
		}
	}
	return false
}
