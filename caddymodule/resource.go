package caddymodule

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/botlatch/botlatch/caddymodule/policy"
)

// sitePlace is where clients find a site, as far as the configuration tells. What stands in front, another TLS terminator or a
// port that is mapped (443 to 8443), it does not: then an audience that is a URL tells it, or the origin of sign_in.
type sitePlace struct {
	siteName

	scheme, port string // "": not one
	origin       string // said, and not found out
}

func (h *Handler) placeOf(ctx caddy.Context) sitePlace {
	if h.SignIn != nil && h.SignIn.Origin != "" {
		u, _ := url.Parse(h.SignIn.Origin) // it was checked
		return sitePlace{siteName: siteName{hosts: []string{u.Hostname()}}, scheme: u.Scheme, port: u.Port(), origin: h.SignIn.Origin}
	}
	p := sitePlace{siteName: h.site}
	p.scheme, p.port = spoken(ctx, h.site.listen)
	return p
}

// spoken is the scheme and the port of a site. Plain HTTP counts on loopback alone: elsewhere something that speaks TLS stands in
// front, or nothing does and clients of RFC 9728 would not ask.
func spoken(ctx caddy.Context, listen []string) (scheme, port string) {
	server, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok {
		return "", ""
	}
	for _, address := range listen {
		a, err := caddy.ParseNetworkAddress(address)
		if err != nil || a.IsUnixNetwork() {
			continue
		}
		now := "https"
		if plain := httpPort(ctx); len(server.TLSConnPolicies) == 0 || a.StartPort <= plain && plain <= a.EndPort {
			if now = "http"; !isLoopback(a.Host) {
				continue
			}
		}
		number := strconv.FormatUint(uint64(a.StartPort), 10)
		if a.StartPort != a.EndPort || a.StartPort == 0 || port != "" && (scheme != now || port != number) {
			return "", ""
		}
		scheme, port = now, number
	}
	return scheme, port
}

// names are the hosts of the site that stand for themselves.
func (p sitePlace) names() (names []string) {
	for _, host := range p.hosts {
		if !strings.ContainsAny(host, "*{") {
			names = append(names, strings.ToLower(strings.Trim(host, "[]")))
		}
	}
	return names
}

// resource is what a host of the site is to clients: the audience that is its URL, or the site's, where it is one, else its
// origin. A token that a client gets for that is meant for this site, if its audience says so.
func (p sitePlace) resource(host string, own []*url.URL) *url.URL {
	var here []*url.URL
	for _, u := range own {
		if strings.EqualFold(u.Hostname(), host) {
			here = append(here, u)
		}
	}
	for _, some := range [][]*url.URL{here, own} {
		if u := theOnly(some); u != nil {
			return u
		}
	}
	return p.originURL(host)
}

// originURL is the origin of a host; nil: not known.
func (p sitePlace) originURL(host string) *url.URL {
	u := &url.URL{Scheme: p.scheme, Host: net.JoinHostPort(host, p.port)}
	switch {
	case p.origin != "":
		u, _ = url.Parse(p.origin)
	case p.port == "" || p.scheme == "http" && !isLoopback(host):
		return nil
	case p.scheme == "https":
		u.Host = strings.TrimSuffix(u.Host, ":443")
	default:
		u.Host = strings.TrimSuffix(u.Host, ":80")
	}
	return u
}

// urls are the audiences that are URLs of the site. Only a said origin binds the port: any other may be mapped.
func (p sitePlace) urls(audiences []string) (own []*url.URL) {
	for _, audience := range audiences {
		u, ok := plainURL(audience)
		if !ok || strings.Contains(u.Path, "*") {
			continue
		}
		if _, err := policy.ParsePattern(metadataPath(u)); err != nil {
			continue // no request could ask for its document
		}
		origin := u.Scheme + "://" + u.Host
		here := p.originURL(u.Hostname())
		switch {
		case p.origin != "" && origin != p.origin,
			u.Scheme == "http" && (here == nil || origin != here.String()),
			!p.answersFor(u.Hostname()):
			continue
		}
		own = append(own, u)
	}
	return own
}

// audiences are what tokens must be meant for on the site, each once.
func (h *Handler) audiences() []string {
	all := slices.Clone(h.Audience)
	if len(all) == 0 {
		for _, i := range h.accepted {
			all = append(all, i.Audience...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// plainURL reads a URL of HTTP that has a host, a path and nothing else, and reads back as it was written.
func plainURL(s string) (u *url.URL, ok bool) {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || strings.IndexByte("\"\\?#", c) >= 0 {
			return nil, false
		}
	}
	u, err := url.Parse(s)
	return u, err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.String() == s
}

// theOnly is the one URL that there is; nil: there are none, or several.
func theOnly(some []*url.URL) *url.URL {
	if len(some) != 1 {
		return nil
	}
	return some[0]
}
