package caddymodule

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func TestALatchBehindAProxyIsRefused(t *testing.T) {
	t.Parallel()
	route := func(handlers string) string { return `{"handle":[` + handlers + `]}` }
	block := func(routes ...string) string {
		return `{"handler":"subroute","routes":[` + strings.Join(routes, ",") + `]}`
	}
	const (
		latch   = `{"handler":"botlatch"}`
		proxy   = `{"handler":"reverse_proxy"}`
		asking  = `{"handler":"reverse_proxy","handle_response":[{"routes":[{"handle":[{"handler":"headers"}]}]}]}`
		matched = `{"match":[{"path":["/static/*"]}],"handle":[` + proxy + `]}`
	)
	for name, site := range map[string]string{
		"ok/in front":                block(route(latch), route(proxy)),
		"ok/in front, one route":     block(route(latch + "," + proxy)),
		"ok/a proxy for some":        block(matched, route(latch), route(proxy)),
		"ok/forward_auth":            block(route(asking), route(latch), route(proxy)),
		"ok/another block's proxy":   block(route(block(matched)), route(latch)),
		"deny/behind":                block(route(proxy), route(latch)),
		"deny/behind, one route":     block(route(proxy + "," + latch)),
		"deny/behind a block":        block(route(block(route(proxy))), route(latch)),
		"deny/in a block behind":     block(route(proxy), route(block(route(latch)))),
		"deny/deep":                  block(`{"match":[{"path":["/a/*"]}],"handle":[` + block(route(proxy), route(latch)) + `]}`),
		"deny/between":               block(route(`{"handler":"headers"}`), route(proxy), route(`{"handler":"vars"}`), route(latch)),
		"deny/behind, with another":  block(route(latch), route(block(route(proxy), route(latch)))),
		"deny/behind one for itself": block(route(proxy), `{"match":[{"path":["/a"]}],"handle":[`+latch+`]}`),
	} {
		routes := caddyhttp.RouteList{{HandlersRaw: []json.RawMessage{json.RawMessage(site)}}}
		if err := checkNeighbours(routes); (err == nil) != strings.HasPrefix(name, "ok/") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
