package caddymodule

import (
	"errors"
	"net"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/policy"
)

// metadata is what a site tells clients of itself, so that they find out by themselves where tokens come from (RFC 9728).
// All of it is written when the configuration is loaded: the Host of a request chooses, and nothing of it comes back. Nil:
// the site tells nothing.
type metadata struct {
	below  *policy.Pattern      // where the documents are
	byHost map[string]*document // of a site with several names; nil: that host has none
	other  *document            // of any other host; nil: none
}

// provisionMetadata writes the documents. A site that enforces nothing leaves the path to the bot, and no client has business
// with the panel.
func (h *Handler) provisionMetadata(ctx caddy.Context) (err error) {
	if h.DisableMetadata || h.InsecureReportOnly || h.Panel != nil {
		return nil
	}
	m := &metadata{byHost: make(map[string]*document)}
	if m.below, err = policy.ParsePattern(wellKnown + "/**"); err != nil {
		return err
	}
	place := h.placeOf(ctx)
	own, names, some := place.urls(h.audiences()), place.names(), false
	if m.other, err = h.describe(ctx, theOnly(own)); err != nil {
		return err
	}
	for _, host := range names {
		if m.byHost[host], err = h.describe(ctx, place.resource(host, own)); err != nil {
			return err
		}
		some = some || m.byHost[host] != nil
	}
	if len(names) == 1 && len(place.hosts) == 1 { // whatever a client calls it
		m.other, m.byHost = m.byHost[names[0]], nil
	}
	if some || m.other != nil {
		h.metadata = m
	}
	return nil
}

// of is the document for a request to host; nil: none.
func (m *metadata) of(host string) *document {
	if m == nil {
		return nil
	}
	if len(m.byHost) > 0 {
		name, _, err := net.SplitHostPort(host)
		if err != nil { // no port
			name = strings.Trim(host, "[]")
		}
		if d, ok := m.byHost[strings.ToLower(name)]; ok {
			return d
		}
	}
	return m.other
}

// find is the document at a path; nil: it is a path like any other. One that the bot could take for the document's is neither.
func (m *metadata) find(host, path string) (d *document, err error) {
	if m == nil || len(path) < len(wellKnown) { // no spelling is shorter
		return nil, nil
	}
	if below, _ := m.below.Fit(path); below { // before the host is looked at, for all other requests
		d = m.of(host)
	}
	if d == nil {
		return nil, nil
	}
	selected, spelled := d.path.Fit(path)
	switch {
	case !selected:
		return nil, nil
	case !spelled:
		return nil, deny.Because(deny.AmbiguousTarget, errors.New("path is a variant of the metadata's"))
	}
	return d, nil
}

// pointer is the URL that challenges name to a client of host; "": none.
func (m *metadata) pointer(host string) string {
	if d := m.of(host); d != nil {
		return d.url
	}
	return ""
}
