package caddymodule

import (
	"errors"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

var errPanelBot = errors.New("panel and reverse_proxy in one site: a page of the bot would be of the panel's origin, and could press its " +
	"buttons; give the panel a site of its own")

// checkPanel refuses a bot beside the panel: in its site, by the name of a route, and in a site of the same host on another path. The
// site is known by now.
func (h *Handler) checkPanel(ctx caddy.Context) error {
	server, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if h.Panel == nil || !ok {
		return nil
	}
	for _, route := range server.Routes {
		if h.site.shares(hostsOf(route)) && proxiesAnywhere(route) {
			return errPanelBot
		}
	}
	return nil
}

// shares reports whether a route with these hosts answers for one of the site's. A star beside a name does not: the name comes first.
func (n siteName) shares(hosts []string) bool {
	return len(n.hosts) == 0 && len(hosts) == 0 ||
		slices.ContainsFunc(hosts, func(host string) bool { return slices.Contains(n.hosts, host) })
}

// hostsOf are the hosts that a route's matchers name.
func hostsOf(route caddyhttp.Route) (hosts []string) {
	for _, set := range route.MatcherSets {
		for _, matcher := range set {
			switch m := matcher.(type) {
			case caddyhttp.MatchHost:
				hosts = append(hosts, m...)
			case *caddyhttp.MatchHost:
				hosts = append(hosts, *m...)
			}
		}
	}
	return hosts
}

// proxiesAnywhere reports whether a route sends requests on, or runs a named route, which may. Routes that were provisioned before are not
// raw any more.
func proxiesAnywhere(route caddyhttp.Route) bool {
	return proxies(route.HandlersRaw) || slices.ContainsFunc(route.Handlers, func(handler caddyhttp.MiddlewareHandler) bool {
		if sub, ok := handler.(*caddyhttp.Subroute); ok {
			return slices.ContainsFunc(sub.Routes, proxiesAnywhere)
		}
		m, ok := handler.(caddy.Module)
		return ok && slices.Contains([]caddy.ModuleID{"http.handlers.reverse_proxy", "http.handlers.invoke"}, m.CaddyModule().ID)
	})
}
