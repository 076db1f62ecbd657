package command

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// endpoint is one end of a proxy.
type endpoint struct {
	scheme string // http or https
	host   string // without brackets
	port   string
}

// parseFrom reads --from: host:port, :port or a host name. This machine alone is reached in plain HTTP, because a token
// could be read on the way anywhere else; a host name is reached by HTTPS, for which Caddy gets the certificate.
func parseFrom(s string) (endpoint, error) {
	if strings.ContainsAny(s, "/ {}\"`,*\\\n") || s == "" {
		return endpoint{}, fmt.Errorf("--from %.100q is not an address: give 127.0.0.1:8080, or a host name", s)
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.Trim(s, "[]"), ""
	}
	e := endpoint{"http", host, port}
	if host == "" {
		e.host = "127.0.0.1"
	}
	ip := net.ParseIP(e.host)
	switch {
	case ip == nil && e.host != "localhost":
		e.scheme = "https"
		if e.port == "" {
			e.port = "443"
		}
	case ip != nil && !ip.IsLoopback():
		return e, fmt.Errorf("--from %s is not this machine alone, and a token could be read on the way: give 127.0.0.1:<port>, or a host name, which is served by HTTPS", e.host)
	case e.port == "":
		e.port = "8080"
	}
	return e, e.check("--from")
}

// parseTo reads --to: where the bot listens, as a URL or as host:port.
func parseTo(s string) (endpoint, error) {
	if strings.HasPrefix(s, "unix/") {
		return endpoint{}, errors.New("--to is neither a URL nor host:port: for a bot on a socket start from the Caddyfile of --print")
	}
	raw := s
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "":
		return endpoint{}, errors.New("--to is neither a URL nor host:port: give http://127.0.0.1:3000")
	case u.Scheme != "http" && u.Scheme != "https":
		return endpoint{}, fmt.Errorf("--to: scheme %.20q is not known: a bot is reached by http or https", u.Scheme)
	case u.User != nil:
		return endpoint{}, errors.New("--to names a user: the latch keeps no password for the bot")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return endpoint{}, errors.New("--to has a path or a query: requests reach the bot with the path that they came with; leave it out")
	}
	e := endpoint{u.Scheme, u.Hostname(), u.Port()}
	if e.host == "" {
		e.host = "127.0.0.1"
	}
	if e.port == "" {
		if e.port = "80"; e.scheme == "https" {
			e.port = "443"
		}
	}
	return e, e.check("--to")
}

// check refuses what would mean something else in a Caddyfile.
func (e endpoint) check(flag string) error {
	if n, err := strconv.Atoi(e.port); err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("%s: port %.20q is not a number from 1 to 65535", flag, e.port)
	}
	if net.ParseIP(e.host) != nil {
		return nil
	}
	for _, c := range e.host {
		if c != '.' && c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return fmt.Errorf("%s: %.100q is not a host name", flag, e.host)
		}
	}
	return nil
}

// address is host:port.
func (e endpoint) address() string { return net.JoinHostPort(e.host, e.port) }

// https reports whether e is reached by HTTPS.
func (e endpoint) https() bool { return e.scheme == "https" }

// listen is what e binds to: a host name is reached from everywhere.
func (e endpoint) listen() string {
	switch {
	case e.scheme == "https":
		return ":" + e.port
	case e.host == "localhost":
		return "127.0.0.1:" + e.port
	}
	return e.address()
}

// url is how a browser names e.
func (e endpoint) url() string {
	if e.port == map[string]string{"http": "80", "https": "443"}[e.scheme] {
		host := e.host
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return e.scheme + "://" + host
	}
	return e.scheme + "://" + e.address()
}

// is reports whether what listens on e is what to names: a latch in front of itself.
func (e endpoint) is(to endpoint) bool {
	if e.port != to.port {
		return false
	}
	ip := net.ParseIP(to.host)
	here := to.host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
	return strings.EqualFold(e.host, to.host) || here && (e.scheme == "https" || e.host == "localhost" || to.host == "localhost" || ip.IsUnspecified())
}
