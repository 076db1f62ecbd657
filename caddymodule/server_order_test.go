package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"
)

// orderSites are sites in which something other than the written order decides what runs first. Each guards /api/door.
const orderSites = `
(rules) {
	botlatch {
		allow GET,POST /api/door /door scope door:open
		public GET /api/health
	}
}
(loopback) {
	bind 127.0.0.1
}
&(named) {
	reverse_proxy {$BOT}
}
http://handle.test:{$PORT} {
	import loopback
	handle /api/* {
		reverse_proxy {$BOT}
	}
	handle {
		respond "no" 404
	}
	import rules
}
http://handle-path.test:{$PORT} {
	import loopback
	handle_path /api/* {
		reverse_proxy {$BOT}
	}
	import rules
}
http://route.test:{$PORT} {
	import loopback
	route {
		import rules
		reverse_proxy {$BOT}
	}
}
http://route-below.test:{$PORT} {
	import loopback
	route /api/* {
		reverse_proxy {$BOT}
	}
	import rules
}
http://errors.test:{$PORT} {
	import loopback
	import rules
	reverse_proxy {$BOT}
	handle_errors {
		reverse_proxy {$BOT}
	}
}
http://errors-by-code.test:{$PORT} {
	import loopback
	import rules
	reverse_proxy {$BOT}
	handle_errors 401 403 {
		rewrite /api/health
		reverse_proxy {$BOT}
	}
}
http://written-last.test:{$PORT} {
	import loopback
	reverse_proxy {$BOT}
	import rules
}
http://invoked.test:{$PORT} {
	import loopback
	invoke named
	import rules
}
http://matched-proxy.test:{$PORT} {
	import loopback
	@door path /api/door
	reverse_proxy @door {$BOT}
	import rules
}
http://rewritten.test:{$PORT} {
	import loopback
	rewrite /api/health /api/door
	reverse_proxy {$BOT}
	import rules
}
http://stripped.test:{$PORT} {
	import loopback
	uri strip_prefix /v1
	reverse_proxy {$BOT}
	import rules
}
`

// TestT1_TheLatchComesFirstWhateverTheCaddyfileWrites asks each site without a token and with one.
func TestT1_TheLatchComesFirstWhateverTheCaddyfileWrites(t *testing.T) {
	t.Parallel()
	s := newStage(t, orderSites)
	client := &http.Client{Timeout: rawPatience}
	port := s.latch.URL[strings.LastIndexByte(s.latch.URL, ':'):]
	opener, observer := s.mint(t, "door:open"), s.mint(t, "observe")
	for _, site := range []string{
		"handle", "handle-path", "route", "route-below", "errors", "errors-by-code", "written-last", "invoked", "matched-proxy",
		"rewritten",
	} {
		for name, x := range map[string]exchange{
			"deny/no token":    {method: "GET", path: "/api/door", status: 401, challenge: bare},
			"deny/POST":        {method: "POST", path: "/api/door", status: 401, challenge: bare},
			"deny/wrong scope": {method: "GET", path: "/api/door", token: observer, status: 403, challenge: scopeNeeded},
			"deny/no rule":     {method: "GET", path: "/api/other", token: opener, status: 403},
			"deny/ambiguous":   {method: "GET", path: "/api//door", token: opener, status: 400},
			"ok/right scope":   {method: "GET", path: "/api/door", token: opener, status: 200},
		} {
			t.Run(site+"/"+name, func(t *testing.T) {
				x.host = site + ".test" + port
				s.check(t, client, s.latch.URL, x)
			})
		}
	}
	t.Run("P14 rewritten before/deny", func(t *testing.T) {
		s.check(t, client, s.latch.URL, exchange{
			method: "GET", path: "/api/health", host: "rewritten.test" + port, status: 401, challenge: bare,
		})
	})
	t.Run("P14 stripped before", func(t *testing.T) {
		x := exchange{method: "GET", path: "/v1/api/door", host: "stripped.test" + port, status: 401, challenge: bare}
		s.check(t, client, s.latch.URL, x)
		for _, x.path = range []string{"/v1/api/door", "/api/door", "/v1//api/door", "/api//door"} { // Caddy cleans what it strips
			x.token, x.status, x.challenge = opener, 200, ""
			s.check(t, client, s.latch.URL, x)
			if got := s.bot.Last().RequestURI; got != "/api/door" {
				t.Errorf("%s reached the bot as %s", x.path, got)
			}
		}
	})
	t.Run("P6 host in another case/deny", func(t *testing.T) {
		s.check(t, client, s.latch.URL, exchange{
			method: "GET", path: "/api/door", host: "HANDLE.tesT" + port, status: 401, challenge: bare,
		})
	})
}
