// Package session is about browsers: a cookie that stands for a person on one site, and where a request that bears it began.
// It knows no Caddy and no Botlatch site; what a session may do is decided like that of any token.
//
// A cookie comes along whoever made the browser send the request: a foreign page, a link in a chat, a prediction of the
// address bar. Bots act on GET, so a session counts only for requests that began on the site's own pages. SameSite=Strict
// alone does not see to that: a sibling host name, another port, a redirect that comes back and the bot's own service worker all
// carry the cookie.
package session

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// Why a session does not count for a request. The client gets the answer to a request without credentials.
var (
	ErrForeign       = errors.New("it began on another origin")
	ErrOutside       = errors.New("it began outside of any page, and not at a home page")
	ErrPrefetch      = errors.New("the browser sends it ahead of a person who may never come")
	ErrServiceWorker = errors.New("it is the script of a service worker")
	ErrNoMetadata    = errors.New("the browser does not say where it began")
)

// Provenance is what a site asks of a request before it takes its session.
type Provenance struct {
	// Origin is the site's own (RFC 6454 §6.2), as browsers write it.
	Origin string
	// Home are the paths that may be opened from outside: typed, from a bookmark, a QR code, another app. They must not act.
	Home []string
	// ServiceWorkers lets the site's pages install workers. A worker that fetches what a foreign link names makes it the site's
	// own request.
	ServiceWorkers bool
}

// metadata is what a browser says of a request by itself, and no page can change (Fetch Metadata Request Headers).
type metadata struct{ site, mode, dest, origin, purpose, worker string }

// Check returns nil when r began on a page of the site, or opens a home page from outside. websocket says that r is a
// handshake. A field that stands twice is nobody's word.
func (p *Provenance) Check(r *http.Request, websocket bool) error {
	m, ok := readMetadata(r.Header)
	relayed := m.mode == "navigate" && m.dest == "empty" // by a worker: a typed address arrives as the site's own
	switch {
	case !ok:
		return ErrForeign
	case strings.Contains(strings.ToLower(m.purpose), "prefetch"): // prefetch;prerender runs the page, too
		return ErrPrefetch
	case m.worker == "script" && !p.ServiceWorkers:
		return ErrServiceWorker
	case websocket && m.origin == p.Origin: // browsers say nothing else of a handshake
		return nil
	case websocket:
		return ErrForeign
	case m.site == "same-origin" && m.origin != "" && m.origin != "null" && m.origin != p.Origin:
		return ErrForeign
	case m.site == "same-origin" && !relayed:
		return nil
	case m.site == "same-origin" && p.opensHome(r), m.site == "none" && m.mode == "navigate" && m.dest == "document" && p.opensHome(r):
		return nil
	case m.site == "same-origin", m.site == "none":
		return ErrOutside
	case m.site == "" && m.origin == p.Origin: // a browser from before these fields
		return nil
	case m.site == "" && m.origin == "":
		return ErrNoMetadata
	}
	return ErrForeign
}

// opensHome reports whether r reads a home page, spelled as in the configuration and without a query.
func (p *Provenance) opensHome(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.RawQuery == "" && !r.URL.ForceQuery &&
		slices.Contains(p.Home, r.URL.EscapedPath())
}

func readMetadata(h http.Header) (m metadata, ok bool) {
	for _, f := range [...]struct {
		name string
		into *string
	}{
		{"Sec-Fetch-Site", &m.site},
		{"Sec-Fetch-Mode", &m.mode},
		{"Sec-Fetch-Dest", &m.dest},
		{"Origin", &m.origin},
		{"Sec-Purpose", &m.purpose},
		{"Service-Worker", &m.worker},
	} {
		switch values := h[f.name]; len(values) {
		case 0:
		case 1:
			*f.into = values[0]
		default:
			return m, false
		}
	}
	return m, true
}
