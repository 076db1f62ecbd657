package caddymodule

import (
	"encoding/json"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func TestRefusesNeighboursThatUndoTheLatch(t *testing.T) {
	t.Parallel()
	raw := func(handlers ...string) (all caddyhttp.RouteList) {
		for _, h := range handlers {
			all = append(all, caddyhttp.Route{HandlersRaw: []json.RawMessage{json.RawMessage(h)}})
		}
		return all
	}
	const (
		latch = `{"handler":"botlatch"}`
		auth  = `{"handler":"authentication"}`
		site  = `{"handler":"subroute","routes":[{"handle":[{"handler":"subroute","routes":[{"handle":[` + latch + `]}]}]},{"handle":[` + auth + `]}]}`
		other = `{"handler":"subroute","routes":[{"handle":[{"handler":"static_response"}]}]}`
	)
	const proxy = `{"handler":"reverse_proxy"}`
	intercept := func(answer string) string {
		return `{"handler":"subroute","routes":[{"handle":[{"handler":"intercept","handle_response":[{"routes":[{"handle":[` +
			answer + `]}]}]},`
	}
	hosted := func(handler string) caddyhttp.Route {
		r := raw(handler)[0]
		r.MatcherSetsRaw = caddyhttp.RawMatcherSets{{"host": json.RawMessage(`["a"]`)}}
		return r
	}
	for name, c := range map[string]struct {
		routes caddyhttp.RouteList
		ok     bool
	}{
		"ok/alone":                    {raw(latch, other), true},
		"ok/in two sites":             {caddyhttp.RouteList{hosted(latch), hosted(auth)}, true},
		"ok/in a site for all others": {append(raw(auth), hosted(latch)), true},
		"deny/side by side":           {raw(latch, auth), false},
		"deny/deep in one site":       {caddyhttp.RouteList{hosted(site)}, false},
		"ok/intercept that answers":   {caddyhttp.RouteList{hosted(intercept(other) + latch + `]}]}`)}, true},
		"deny/intercept that proxies": {caddyhttp.RouteList{hosted(intercept(proxy) + latch + `]}]}`)}, false},
		"deny/intercept that invokes": {caddyhttp.RouteList{hosted(intercept(`{"handler":"invoke"}`) + latch + `]}]}`)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := checkNeighbours(c.routes); (err == nil) != c.ok {
				t.Errorf("%v", err)
			}
		})
	}
}
