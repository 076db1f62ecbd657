package caddymodule

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// hears reports whether requests for a path come to h, wherever in its site it stands. Into `handle /arm/*` those for the metadata do not:
// then another latch of the site would answer for this one, or the bot itself, and could send clients with their secrets to a provider of
// its choice. A matcher that is about more than host and path lets nothing through here, because nobody knows.
func (h *Handler) hears(ctx caddy.Context, path string) bool {
	server, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok {
		return true
	}
	i := provisioning(server)
	asked, err := url.Parse(path)
	if i < 0 || err != nil {
		return false
	}
	r := (&http.Request{URL: asked}).WithContext(context.WithValue(ctx, caddy.ReplacerCtxKey, caddy.NewReplacer()))
	route := server.Routes[i]
	return passes(route.MatcherSets, r) && h.isAmong(route.HandlersRaw, r)
}

// isAmong reports whether r comes to a handler that is written as h is. Two of those say the same, so either may answer for both.
func (h *Handler) isAmong(handlers []json.RawMessage, r *http.Request) bool {
	return slices.ContainsFunc(handlers, func(raw json.RawMessage) bool {
		var handler struct {
			Name   string              `json:"handler"`
			Routes caddyhttp.RouteList `json:"routes"`
		}
		if json.Unmarshal(raw, &handler) != nil {
			return false
		}
		switch handler.Name {
		case "botlatch":
			var other Handler
			return json.Unmarshal(raw, &other) == nil && other.text() == h.written
		case "subroute":
			return slices.ContainsFunc(handler.Routes, func(route caddyhttp.Route) bool {
				return passes(loaded(route.MatcherSetsRaw), r) && h.isAmong(route.HandlersRaw, r)
			})
		}
		return false
	})
}

// text is the configuration of h.
func (h *Handler) text() string {
	b, _ := json.Marshal(h) // it was read from JSON
	return string(b)
}

// loaded are matchers that are about the host or the path; any other is nil.
func loaded(raw caddyhttp.RawMatcherSets) (sets caddyhttp.MatcherSets) {
	for _, modules := range raw {
		var set caddyhttp.MatcherSet
		for name, config := range modules {
			switch name {
			case "host":
				set = append(set, caddyhttp.MatchHost{})
			case "path":
				var paths caddyhttp.MatchPath
				if json.Unmarshal(config, &paths) == nil && paths.Provision(caddy.Context{}) == nil {
					set = append(set, paths)
					continue
				}
				set = append(set, nil)
			default:
				set = append(set, nil)
			}
		}
		sets = append(sets, set)
	}
	return sets
}

// passes reports whether one of several sets of matchers lets r through, of whichever host it is.
func passes(sets caddyhttp.MatcherSets, r *http.Request) bool {
	return len(sets) == 0 || slices.ContainsFunc(sets, func(set caddyhttp.MatcherSet) bool {
		return !slices.ContainsFunc(set, func(matcher any) bool {
			switch m := matcher.(type) {
			case caddyhttp.MatchHost, *caddyhttp.MatchHost:
				return false
			case caddyhttp.MatchPath:
				fits, err := m.MatchWithError(r)
				return err != nil || !fits
			case *caddyhttp.MatchPath:
				fits, err := m.MatchWithError(r)
				return err != nil || !fits
			}
			return true
		})
	})
}
