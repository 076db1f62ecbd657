package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/session"
)

const site = "https://lock.example.com"

// fields makes a header of names and values, in turn.
func fields(pairs ...string) http.Header {
	h := make(http.Header)
	for i := 0; i < len(pairs); i += 2 {
		h[pairs[i]] = append(h[pairs[i]], pairs[i+1])
	}
	return h
}

// says is a request's fetch metadata.
func says(from, mode, dest string, more ...string) http.Header {
	return fields(append([]string{"Sec-Fetch-Site", from, "Sec-Fetch-Mode", mode, "Sec-Fetch-Dest", dest}, more...)...)
}

func TestASessionCountsWhereTheRequestBegan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, target string // GET /act when empty
		header         http.Header
		websocket      bool
		want           error
	}{
		"ok/own fetch":                {"", "", says("same-origin", "cors", "empty"), false, nil},
		"ok/own image":                {"", "", says("same-origin", "no-cors", "image"), false, nil},
		"ok/own link":                 {"", "", says("same-origin", "navigate", "document"), false, nil},
		"ok/own form":                 {"POST", "", says("same-origin", "navigate", "document", "Origin", site), false, nil},
		"ok/own form without referer": {"POST", "", says("same-origin", "navigate", "document", "Origin", "null"), false, nil},
		"ok/typed home":               {"", "/", says("none", "navigate", "document"), false, nil},
		"ok/typed home, HEAD":         {"HEAD", "/index.html", says("none", "navigate", "document"), false, nil},
		"ok/home through a worker":    {"", "/", says("same-origin", "navigate", "empty"), false, nil},
		"ok/old browser, own form":    {"POST", "", fields("Origin", site), false, nil},
		"ok/own WebSocket":            {"", "", fields("Origin", site), true, nil},

		"deny/foreign image":          {"", "", says("cross-site", "no-cors", "image"), false, session.ErrForeign},
		"deny/foreign link":           {"", "", says("cross-site", "navigate", "document"), false, session.ErrForeign},
		"deny/foreign link to home":   {"", "/", says("cross-site", "navigate", "document"), false, session.ErrForeign},
		"deny/sibling, other port":    {"", "", says("same-site", "cors", "empty"), false, session.ErrForeign},
		"deny/typed act":              {"", "", says("none", "navigate", "document"), false, session.ErrOutside},
		"deny/typed home, query":      {"", "/?x", says("none", "navigate", "document"), false, session.ErrOutside},
		"deny/typed home, bare query": {"", "/?", says("none", "navigate", "document"), false, session.ErrOutside},
		"deny/home, other spelling":   {"", "/index%2Ehtml", says("none", "navigate", "document"), false, session.ErrOutside},
		"deny/home, no navigation":    {"", "/", says("none", "cors", "empty"), false, session.ErrOutside},
		"deny/home in a frame":        {"", "/", says("none", "navigate", "iframe"), false, session.ErrOutside},
		"deny/home by POST":           {"POST", "/", says("none", "navigate", "document"), false, session.ErrOutside},
		"deny/act through a worker":   {"", "", says("same-origin", "navigate", "empty"), false, session.ErrOutside},
		"deny/own, Origin is not":     {"", "", says("same-origin", "cors", "empty", "Origin", "https://evil.example"), false, session.ErrForeign},
		"deny/prefetch":               {"", "", says("same-origin", "navigate", "document", "Sec-Purpose", "prefetch"), false, session.ErrPrefetch},
		"deny/prerender of home":      {"", "/", says("none", "navigate", "document", "Sec-Purpose", "prefetch;prerender"), false, session.ErrPrefetch},
		"deny/worker's script":        {"", "/sw.js", says("same-origin", "same-origin", "serviceworker", "Service-Worker", "script"), false, session.ErrServiceWorker},
		"deny/nothing said":           {"", "", fields(), false, session.ErrNoMetadata},
		"deny/nothing said, home":     {"", "/", fields(), false, session.ErrNoMetadata},
		"deny/old browser, foreign":   {"POST", "", fields("Origin", "https://evil.example"), false, session.ErrForeign},
		"deny/old browser, null":      {"POST", "", fields("Origin", "null"), false, session.ErrForeign},
		"deny/unknown word":           {"", "", says("same-origin ", "cors", "empty"), false, session.ErrForeign},
		"deny/case":                   {"", "", says("Same-Origin", "cors", "empty"), false, session.ErrForeign},
		"deny/combined":               {"", "", says("same-origin, same-origin", "cors", "empty"), false, session.ErrForeign},
		"deny/said twice":             {"", "", says("same-origin", "cors", "empty", "Sec-Fetch-Site", "same-origin"), false, session.ErrForeign},
		"deny/two origins":            {"", "", says("same-origin", "cors", "empty", "Origin", site, "Origin", site), false, session.ErrForeign},
		"deny/two purposes":           {"", "", says("same-origin", "cors", "empty", "Sec-Purpose", "", "Sec-Purpose", "prefetch"), false, session.ErrForeign},

		"deny/WebSocket, foreign":      {"", "", fields("Origin", "https://evil.example"), true, session.ErrForeign},
		"deny/WebSocket, none":         {"", "", fields(), true, session.ErrForeign},
		"deny/WebSocket, null":         {"", "", fields("Origin", "null"), true, session.ErrForeign},
		"deny/WebSocket, case":         {"", "", fields("Origin", "https://LOCK.example.com"), true, session.ErrForeign},
		"deny/WebSocket, port":         {"", "", fields("Origin", site+":443"), true, session.ErrForeign},
		"deny/WebSocket, trailing dot": {"", "", fields("Origin", site+"."), true, session.ErrForeign},
		"deny/WebSocket, scheme":       {"", "", fields("Origin", "http://lock.example.com"), true, session.ErrForeign},
		"deny/WebSocket, site says so": {"", "", says("same-origin", "websocket", "empty"), true, session.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.method == "" {
				c.method = http.MethodGet
			}
			if c.target == "" {
				c.target = "/act"
			}
			r := httptest.NewRequestWithContext(t.Context(), c.method, c.target, http.NoBody)
			r.Header = c.header
			p := session.Provenance{Origin: site, Home: []string{"/", "/index.html"}}
			if got := p.Check(r, c.websocket); !errors.Is(got, c.want) || c.want == nil && got != nil {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestAWorkersScriptIsTakenWhereTheSiteSaysSo(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sw.js", http.NoBody)
	r.Header = says("same-origin", "same-origin", "serviceworker", "Service-Worker", "script")
	p := session.Provenance{Origin: site, ServiceWorkers: true}
	if err := p.Check(r, false); err != nil {
		t.Error(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if err := p.Check(r, false); !errors.Is(err, session.ErrForeign) {
		t.Errorf("%v", err)
	}
}
