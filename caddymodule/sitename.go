package caddymodule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/app"
)

// siteName is how a person recognises a site.
type siteName struct{ hosts, listen []string }

// String is the hosts or, where it answers for all of them, the addresses.
func (n siteName) String() string {
	if len(n.hosts) > 0 {
		return strings.Join(n.hosts, " ")
	}
	return strings.Join(n.listen, " ")
}

// place tells a handler from all others: by hosts, addresses, and how many before it have the same. That is the same after
// a reload that moves nothing.
func (n siteName) place(before []app.Site) string {
	same := 0
	for _, s := range before {
		if h, ok := s.(*Handler); ok && slices.Equal(h.site.hosts, n.hosts) && slices.Equal(h.site.listen, n.listen) {
			same++
		}
	}
	return fmt.Sprintf("%q %q %d", n.hosts, n.listen, same)
}

// answersFor is how Caddy matches hosts: a star stands for one label.
func (n siteName) answersFor(host string) bool {
	host = strings.ToLower(host)
	for _, h := range n.hosts {
		h = strings.ToLower(strings.Trim(h, "[]"))
		_, domain, _ := strings.Cut(host, ".")
		if h == host || h == "*."+domain {
			return true
		}
	}
	return len(n.hosts) == 0
}

// nameSite finds out for which hosts and on which addresses the handler that is being provisioned answers. Caddy tells a
// handler its server but not its route: that is the first one whose handlers are still raw.
func nameSite(ctx caddy.Context) siteName {
	server, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok {
		return siteName{}
	}
	name := siteName{listen: slices.Clone(server.Listen)}
	if i := provisioning(server); i >= 0 {
		name.hosts = hostsOf(server.Routes[i])
	}
	return name
}

// provisioning is which route of the server is being provisioned; -1: none of a site, or a named one.
func provisioning(server *caddyhttp.Server) int {
	return slices.IndexFunc(server.Routes, func(r caddyhttp.Route) bool { return len(r.HandlersRaw) > 0 })
}
