package caddymodule

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// neighbours are the handlers of a site that cannot stand beside each other.
type neighbours struct{ latch, auth, intercept, unreached bool }

var (
	errBasicAuth = errors.New("botlatch and basic_auth in one site: both read the Authorization field, which holds one scheme")
	errIntercept = errors.New("intercept that proxies stands around botlatch: it would put the bot's answer in place of a refusal")
)

// checkNeighbours looks for them in the site that is being provisioned. Its routes are still raw then; routes of a site
// without a host name stand beside each other, and those before ours are not raw any more.
func checkNeighbours(routes caddyhttp.RouteList) error {
	var together neighbours
	for _, route := range routes {
		n := neighboursOf(route)
		if err := n.check(); err != nil {
			return err
		}
		if len(route.MatcherSetsRaw) == 0 && len(route.MatcherSets) == 0 {
			together = together.and(n)
		}
	}
	return together.check()
}

func (n neighbours) check() error {
	switch {
	case n.latch && n.auth:
		return errBasicAuth
	case n.latch && n.intercept:
		return errIntercept
	case n.unreached:
		return errUnreached
	}
	return nil
}

func (n neighbours) and(other neighbours) neighbours {
	return neighbours{
		n.latch || other.latch, n.auth || other.auth, n.intercept || other.intercept, n.unreached || other.unreached,
	}
}

func neighboursOf(route caddyhttp.Route) (n neighbours) {
	for _, raw := range route.HandlersRaw {
		n = n.and(neighbours{
			latch: mentions(raw, "botlatch"),
			auth:  mentions(raw, "authentication"),
			intercept: has(raw, func(o map[string]any) bool {
				return o["handler"] == "intercept" && (holds(o, named("reverse_proxy")) || holds(o, named("invoke")))
			}),
			unreached: has(raw, unreached),
		})
	}
	for _, handler := range route.Handlers {
		if m, ok := handler.(caddy.Module); ok {
			id := m.CaddyModule().ID
			n.latch = n.latch || id == "http.handlers.botlatch"
			n.auth = n.auth || id == "http.handlers.authentication"
		}
	}
	return n
}

// sendsUnseen reports whether what stands at or behind the site that is being provisioned has a proxy that does not use
// net/http, as FastCGI's: nobody says when it has sent a request.
func sendsUnseen(routes caddyhttp.RouteList) bool {
	return slices.ContainsFunc(routes, func(route caddyhttp.Route) bool {
		return slices.ContainsFunc(route.HandlersRaw, func(raw json.RawMessage) bool {
			return has(raw, func(o map[string]any) bool {
				transport, _ := o["transport"].(map[string]any)
				return o["handler"] == "reverse_proxy" && transport != nil && transport["protocol"] != "http"
			})
		})
	})
}

// mentions reports whether raw JSON names a handler, at any depth.
func mentions(raw json.RawMessage, handler string) bool { return has(raw, named(handler)) }

func named(handler string) func(map[string]any) bool {
	return func(o map[string]any) bool { return o["handler"] == handler }
}

// has reports whether raw JSON holds an object that is wanted, at any depth.
func has(raw json.RawMessage, wanted func(map[string]any) bool) bool {
	var v any
	return json.Unmarshal(raw, &v) == nil && holds(v, wanted)
}

func holds(v any, wanted func(map[string]any) bool) bool {
	switch v := v.(type) {
	case map[string]any:
		if wanted(v) {
			return true
		}
		for _, member := range v {
			if holds(member, wanted) {
				return true
			}
		}
	case []any:
		for _, element := range v {
			if holds(element, wanted) {
				return true
			}
		}
	}
	return false
}
