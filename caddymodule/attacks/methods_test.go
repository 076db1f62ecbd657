package attacks_test

import (
	"fmt"
	"testing"
)

// spelled are requests with other methods for targets, by somebody who may observe.
func spelled(status int, target string, methods ...string) (attacks []attack) {
	for _, method := range methods {
		attacks = append(attacks, attack{
			method + " " + target, fmt.Sprintf("%s %s HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n\n", method, target), status,
		})
	}
	return attacks
}

// TestP10_MethodsAndPatternsMatchWholly: a method in another case is another method, HEAD is GET, and a pattern matches
// nothing that is longer, nor what its escapes stand for in other pattern languages.
func TestP10_MethodsAndPatternsMatchWholly(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+`
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		public GET /healthz /a%2A/%5Bx%5D /wild/%2A
		public POST /hook
		allow GET,POST /servo/* scope drive
		allow GET /status/** scope observe
	}
	reverse_proxy {$BOT}
}
`)
	s.refuses(t, spelled(403, "/servo/10", "get", "Get", "GeT", "post", "Post", "HEAD", "head", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "WS", "ws", "PROPFIND", "QUERY", "X", "GETX")...)
	s.refuses(t, spelled(403, "/status", "get", "GeT", "head", "POST", "PUT", "OPTIONS", "TRACE", "WS", "*")...)
	s.refuses(t, spelled(403, "/healthz", "POST", "OPTIONS", "get", "hEAD", "DELETE")...)
	s.refuses(t, spelled(403, "/hook", "GET", "HEAD", "post", "Post", "PUT", "WS")...)
	s.refuses(t, spelled(403, "/healthz/x", "GET", "HEAD")...)
	for _, target := range []string{"/healthzz", "/health", "/healthz.json", "/xhealthz", "/x/healthz", "/hook/x", "/a/[x]", "/aa/x", "/ab/x", "/a*/[x]/x", "/wild/x", "/wild/x/y", "/wild", "/servo/10/x", "/servo"} {
		s.refuses(t, spelled(403, target, "GET", "POST")...)
	}
	s.refuses(t, spelled(400, "/wild/*", "GET")...) // the path that /wild/%2A spells, for some bots
	s.refuses(t, spelled(400, "/a*/[x]", "GET")...)
	s.refuses(t, attack{"HEAD without a token", "HEAD {act} HTTP/1.1\nHost: {host}\n\n", 401})
}

// TestP17_NoFieldChoosesThePathOrTheMethod: not even from a proxy that Caddy is told to trust.
func TestP17_NoFieldChoosesThePathOrTheMethod(t *testing.T) {
	t.Parallel()
	s := newStage(t, `{
	admin {$ADMIN}
	auto_https off
	servers {
		trusted_proxies static 127.0.0.0/8
	}
	botlatch {
		issuer `+issuerName+` {
			keys static {$KEYS}
			audience `+audience+`
		}
	}
}
`+site)
	var attacks []attack
	for _, name := range []string{
		"X-Forwarded-Uri", "X-Original-URL", "X-Original-Uri", "X-Rewrite-URL", "X-Envoy-Original-Path", "X-Forwarded-Path", "X-Forwarded-Prefix", "X-Request-Uri", "X-Auth-Request-Redirect", "x_forwarded_uri", "X.Original.Url",
	} {
		for _, path := range []string{"/healthz", "/status", "http://{host}/healthz"} {
			attacks = append(attacks,
				attack{name, "GET {act} HTTP/1.1\nHost: {host}\n" + name + ": " + path + "\n\n", 401},
				attack{name, "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n" + name + ": " + path + "\n\n", 403})
		}
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Forwarded-Method", "X_HTTP_Method_Override"} {
		attacks = append(attacks,
			attack{name, "POST {act} HTTP/1.1\nHost: {host}\n" + name + ": GET\nContent-Length: 0\n\n", 401},
			attack{name, "POST /healthz HTTP/1.1\nHost: {host}\n" + name + ": GET\nContent-Length: 0\n\n", 403},
			attack{name, "OPTIONS {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n" + name + ": GET\n\n", 403})
	}
	s.refuses(t, attacks...)

	// The other way round: a request that may pass tells the bot to take it for an act.
	for _, name := range []string{
		"X-Forwarded-Uri", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Forwarded-Method", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "x_original_url", "X.Rewrite.Url",
	} {
		before := s.bot.Hits()
		got := send(t, s.address(), s.words(t).Replace("GET {read} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n"+name+": {act}\nTrailer: "+name+"\n\n"))
		if got.status != 200 || s.bot.Hits() != before+1 {
			t.Errorf("%s: status %d, %d requests reached the bot", name, got.status, s.bot.Hits()-before)
			continue
		}
		for field, values := range s.bot.Last().Header {
			for _, value := range values {
				if value == "/servo/10" {
					t.Errorf("%s: the bot got %s: %s", name, field, value)
				}
			}
		}
	}
}

// TestP19_APrefixEndsAtASlash: /pki/** is neither /pkix nor /PKI, and the latch's own admin API is not below any site.
func TestP19_APrefixEndsAtASlash(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+`
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		public GET /pki/**
		allow GET,POST /servo/* /pkix/** scope drive
		allow GET /status scope observe
	}
	reverse_proxy {$BOT}
}
`)
	for _, target := range []string{"/pkix", "/pkix/servo", "/pki.x", "/pki-x/y", "/pki%20x", "/pk", "/x/pki", "/pki%21", "/p/ki"} {
		s.refuses(t, spelled(403, target, "GET")...)
		s.refuses(t, attack{target, "GET " + target + " HTTP/1.1\nHost: {host}\n\n", 0})
	}
	s.refuses(t, spelled(400, "/PKI/x", "GET")...)
	s.refuses(t, spelled(400, "/pki/../pkix", "GET")...)
	for _, target := range []string{"/botlatch/status", "/botlatch/revocations", "/config/", "/config/apps/http/servers/srv0/routes/00", "/load", "/stop", "/pki/../config/"} {
		s.refuses(t, attack{target, "GET " + target + " HTTP/1.1\nHost: {host}\n\n", 0})
	}
}
