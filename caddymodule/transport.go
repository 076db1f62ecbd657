package caddymodule

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

// checkServer refuses a server on which the site would be guarded less than it says: one that listens in plain HTTP for
// other machines, and a site in which basic_auth reads the same Authorization field.
func (h *Handler) checkServer(ctx caddy.Context) error {
	server, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok {
		return nil // provisioned outside of a server: nobody listens
	}
	if !h.InsecureHTTP {
		for _, address := range server.Listen {
			if err := checkListener(address, len(server.TLSConnPolicies) > 0, httpPort(ctx)); err != nil {
				return err
			}
		}
	}
	return checkNeighbours(server.Routes)
}

// checkListener is RFC 6750 §5.3: bearer tokens travel over TLS, or not beyond this machine.
func checkListener(address string, tls bool, httpPort uint) error {
	a, err := caddy.ParseNetworkAddress(address)
	if err != nil {
		return fmt.Errorf("reading listener address: %w", err)
	}
	// As the http app decides: there is no TLS on the HTTP port, whatever the policies.
	plain := !tls || a.StartPort <= httpPort && httpPort <= a.EndPort
	if !plain || a.IsUnixNetwork() || isLoopback(a.Host) {
		return nil
	}
	return fmt.Errorf("listener %s speaks plain HTTP to other machines, where a token can be read on the way: use HTTPS, "+
		"listen on this machine only (bind 127.0.0.1), or say insecure_http", address)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// httpPort is the port on which the http app that holds this handler never speaks TLS.
func httpPort(ctx caddy.Context) uint {
	for _, m := range ctx.Modules() {
		if a, ok := m.(*caddyhttp.App); ok && a.HTTPPort > 0 {
			return uint(a.HTTPPort)
		}
	}
	return caddyhttp.DefaultHTTPPort
}

var errPlain = errors.New("the listener speaks plain HTTP to other machines")

// checkTransport asks of each request what checkListener asks of the configuration: a listener that somebody wrapped or
// handed over is seen here only.
func (h *Handler) checkTransport(r *http.Request) error {
	if r.TLS != nil || h.InsecureHTTP {
		return nil
	}
	switch local := r.Context().Value(http.LocalAddrContextKey).(type) {
	case *net.TCPAddr:
		if local.IP.IsLoopback() {
			return nil
		}
	case *net.UnixAddr:
		return nil
	}
	return deny.Because(deny.PlainHTTP, errPlain)
}

// checkNeighbours looks for basic_auth in the site that is being provisioned. Its routes are still raw then; routes
// of a site without a host name stand beside each other, and those before ours are not raw any more.
func checkNeighbours(routes caddyhttp.RouteList) error {
	auth, latch := false, false
	for _, route := range routes {
		a, l := false, false
		for _, raw := range route.HandlersRaw {
			a, l = a || mentions(raw, "authentication"), l || mentions(raw, "botlatch")
		}
		for _, handler := range route.Handlers {
			if m, ok := handler.(caddy.Module); ok {
				a = a || m.CaddyModule().ID == "http.handlers.authentication"
				l = l || m.CaddyModule().ID == "http.handlers.botlatch"
			}
		}
		if a && l {
			auth, latch = true, true
		}
		if len(route.MatcherSetsRaw) == 0 && len(route.MatcherSets) == 0 {
			auth, latch = auth || a, latch || l
		}
	}
	if auth && latch {
		return errors.New("botlatch and basic_auth in one site: both read the Authorization field, which holds one scheme")
	}
	return nil
}

// mentions reports whether raw JSON names a handler, at any depth.
func mentions(raw json.RawMessage, handler string) bool {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return false
	}
	return valueMentions(v, handler)
}

func valueMentions(v any, handler string) bool {
	switch v := v.(type) {
	case map[string]any:
		if v["handler"] == handler {
			return true
		}
		for _, member := range v {
			if valueMentions(member, handler) {
				return true
			}
		}
	case []any:
		for _, element := range v {
			if valueMentions(element, handler) {
				return true
			}
		}
	}
	return false
}
