package caddymodule

import (
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// siteName is how a person recognises a site.
type siteName struct{ hosts, listen []string }

// nameSite finds out for which hosts and on which addresses the handler that is being provisioned answers. Caddy tells a
// handler its server but not its route: that is the first one whose handlers are still raw.
func nameSite(ctx caddy.Context) siteName {
	server, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok {
		return siteName{}
	}
	name := siteName{listen: slices.Clone(server.Listen)}
	i := slices.IndexFunc(server.Routes, func(r caddyhttp.Route) bool { return len(r.HandlersRaw) > 0 })
	if i < 0 {
		return name
	}
	for _, set := range server.Routes[i].MatcherSets {
		for _, matcher := range set {
			switch m := matcher.(type) {
			case caddyhttp.MatchHost:
				name.hosts = append(name.hosts, m...)
			case *caddyhttp.MatchHost:
				name.hosts = append(name.hosts, *m...)
			}
		}
	}
	return name
}
