package caddymodule

import (
	"encoding/json"
	"errors"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

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
