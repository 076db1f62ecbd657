package caddymodule

import (
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
	keepLines(server)
	h.unseen = sendsUnseen(server.Routes)
	if !h.InsecureHTTP {
		for _, address := range server.Listen {
			if err := checkListener(address, len(server.TLSConnPolicies) > 0, httpPort(ctx)); err != nil {
				return err
			}
		}
	}
	if err := h.guardErrors(ctx.Logger(), server); err != nil {
		return err
	}
	if err := checkNeighbours(server.Routes); err != nil {
		return err
	}
	return checkNamed(server)
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
