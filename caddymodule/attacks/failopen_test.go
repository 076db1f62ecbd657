package attacks_test

import (
	"strings"
	"testing"
)

// TestF3_AConfigurationThatGuardsLessThanItSaysIsRefused: what cannot be resolved, or asks for nothing, does not start, and
// the refusal is about that and not about a slip elsewhere.
func TestF3_AConfigurationThatGuardsLessThanItSaysIsRefused(t *testing.T) {
	t.Parallel()
	const allow = "allow GET,POST /servo/* scope drive"
	rules := site[strings.Index(site, "public"):strings.Index(site, "\t}\n\treverse_proxy")]
	s := newStage(t, options+site)
	for name, c := range map[string]struct{ old, new, says string }{
		"an issuer that nobody declared": {"public GET /healthz", "accept https://id.example.com/other", "no issuer of that name"},
		"an issuer without keys":         {"keys static {$KEYS}", "", "says nothing of its keys"},
		"keys of an empty secret":        {"keys static {$KEYS}", `keys secret ""`, "needs exactly one value"},
		"a secret that is not set":       {"keys static {$KEYS}", "keys secret {env.NOT_SET}", "{env.NOT_SET} is not set"},
		"a secret file that is empty":    {"keys static {$KEYS}", "keys secret {file./dev/null}", "{file./dev/null} is empty"},
		"no rules":                       {rules, "", "no rules"},
		"a rule without a condition":     {allow, "allow GET,POST /servo/*", "no condition"},
		"a scope that is empty":          {allow, `allow GET,POST /servo/* scope ""`, "is not a scope-token"},
		"a scope that is not set":        {allow, "allow GET,POST /servo/* scope {env.NOT_SET}", "{env.NOT_SET} is not set"},
		"a claim without a value":        {allow, "allow GET,POST /servo/* claim team", "claim needs a name and a value"},
		"a claim that is not set":        {allow, "allow GET,POST /servo/* claim team {env.NOT_SET}", "{env.NOT_SET} is not set"},
		"a condition that nobody knows":  {allow, "allow GET,POST /servo/* policy drivers", "unrecognized word 'policy'"},
		"an audience that is not set":    {"audience " + audience, "audience {env.NOT_SET}", "{env.NOT_SET} is not set"},
		"a profile that nobody knows":    {"audience " + audience, "audience " + audience + "\n\t\t\tprofile none", "neither compat nor strict"},
		"no algorithm":                   {"audience " + audience, "audience " + audience + "\n\t\t\talgorithms none", "not a known signature algorithm"},
		"everything public":              {"allow GET /** scope observe", "public * /**", "public does not go with OPTIONS"},
		"all but OPTIONS public":         {"allow GET /** scope observe", "public GET,POST /**", "goes with GET alone"},
		"a matcher":                      {"\tbotlatch {\n\t\tpublic", "\tbotlatch /servo/* {\n\t\tpublic", "takes no matcher"},
		"a named matcher":                {"\tbotlatch {\n\t\tpublic", "\t@act path /servo/*\n\tbotlatch @act {\n\t\tpublic", "takes no matcher"},
		"a named route, of which Caddy keeps one directive": {site, strings.NewReplacer("http://127.0.0.1:{$PORT} {", "&(guard) {",
			"bind 127.0.0.1", "header X-Robots-Tag none", "reverse_proxy {$BOT}\n}", "}\nhttp://127.0.0.1:{$PORT} {\n\tbind 127.0.0.1\n\tinvoke guard\n\treverse_proxy {$BOT}\n}").Replace(site), "botlatch in a named route"},
		"a route in a named route": {site, "&(guard) {\n\troute {\n" + site[strings.Index(site, "\tbotlatch"):] + "}\n" +
			"http://127.0.0.1:{$PORT} {\n\tbind 127.0.0.1\n\tinvoke guard\n}\n", "botlatch in a named route"},
	} {
		broken := strings.Replace(options+site, c.old, c.new, 1)
		if broken == options+site {
			t.Fatalf("%s: nothing changed", name)
		}
		s.latch.Rewrite(broken)
		if _, stderr, code := s.latch.Command(t.Context(), "", "validate", "--config", "Caddyfile"); code == 0 || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: exit code %d, and it does not say %q:\n%s", name, code, c.says, stderr)
		}
	}
	s.failsToReload(t)
	s.refuses(t, attack{"after all that", "GET {act} HTTP/1.1\nHost: {host}\n\n", 401})
}

// TestF4_WhatNoRuleNamesIsDenied, however good the token.
func TestF4_WhatNoRuleNamesIsDenied(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+`
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		public GET /healthz
		allow GET /servo/* scope drive
	}
	reverse_proxy {$BOT}
}
`)
	var attacks []attack
	for _, line := range []string{
		"GET /", "GET /servo", "GET /servo/10/20", "GET /status", "GET /servo-10", "GET /healthz/live", "POST /healthz", "POST {act}",
		"DELETE {act}", "OPTIONS {act}", "TRACE {act}", "PROPFIND {act}", "get {act}", "WS {act}", "FOO {act}", "PRI {act}", "OPTIONS /",
	} {
		attacks = append(attacks,
			attack{line, line + " HTTP/1.1\nHost: {host}\nContent-Length: 0\nAuthorization: Bearer {driver}\n\n", 403},
			attack{line + ", no token", line + " HTTP/1.1\nHost: {host}\nContent-Length: 0\n\n", 403})
	}
	for _, line := range []string{"CONNECT {host}", "CONNECT 127.0.0.1:1", "GET *", "GET servo/10", "GET ?x"} {
		attacks = append(attacks, attack{line, line + " HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n\n", 0})
	}
	s.refuses(t, attacks...)
	// Go answers it by itself, before any site: the server is there, and nothing else is said.
	before := s.bot.Hits()
	got := send(t, s.address(), s.words(t).Replace("OPTIONS * HTTP/1.1\nHost: {host}\n\n"))
	if got.status >= 300 || got.body != "" || s.settled(before) != before {
		t.Errorf("OPTIONS *: status %d %q, and the bot got %d requests", got.status, got.body, s.bot.Hits()-before)
	}
}

// TestF7_NoUserAgentAndNoAddressIsAHealthCheck, and the path of the health check is that path alone.
func TestF7_NoUserAgentAndNoAddressIsAHealthCheck(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+site)
	var attacks []attack
	for _, agent := range []string{
		"GoogleHC/1.0", "kube-probe/1.30", "ELB-HealthChecker/2.0", "Amazon-Route53-Health-Check-Service", "Consul Health Check",
		"Envoy/HC", "HAProxy", "Caddy", "curl/8.0", "Prometheus/3.0", "botlatch", "Blackbox Exporter/0.25", "",
	} {
		attacks = append(attacks, attack{"User-Agent " + agent, "GET {act} HTTP/1.1\nHost: {host}\nUser-Agent: " + agent + "\n\n", 401})
	}
	for _, field := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"} {
		for _, from := range []string{"127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "for=127.0.0.1", "unknown"} {
			attacks = append(attacks, attack{field + " " + from, "GET {act} HTTP/1.1\nHost: {host}\n" + field + ": " + from + "\n\n", 401})
		}
	}
	for target, status := range map[string]int{
		"/healthz/": 400, "/HEALTHZ": 400, "/healthz%20": 400, "/healthz.json": 401, "/healthzz": 401, "/healthz/../servo/10": 400,
		"/healthz;/servo/10": 400, "/healthz%2f..%2fservo/10": 400, "//healthz": 400, "/./healthz": 400, "/servo/10?/healthz": 401,
		"/servo/10%3f/healthz": 400, "/servo/10#/healthz": 400, "/servo/healthz": 401, "/%68ealthz": 400,
	} {
		attacks = append(attacks, attack{target, "GET " + target + " HTTP/1.1\nHost: {host}\nUser-Agent: GoogleHC/1.0\n\n", status})
	}
	s.refuses(t, attacks...)
}

// TestF7b_NoHeaderSwitchesTheLatchOff adds a field to a request without a token, and to one whose token may not: status,
// challenge and body stay what they are without the field.
func TestF7b_NoHeaderSwitchesTheLatchOff(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+site)
	requests := map[string]string{
		"no token":          "GET {act} HTTP/1.1\nHost: {host}\n",
		"without the scope": "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {observer}\n",
		"no such token":     "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer e30.e30.AAAA\n",
		"no rule":           "DELETE {read} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n",
	}
	for name, head := range requests {
		plain := send(t, s.address(), s.words(t).Replace(head+"\n"))
		if plain.status != 401 && plain.status != 403 {
			t.Fatalf("%s: status %d", name, plain.status)
		}
		for _, field := range switches {
			got := send(t, s.address(), s.words(t).Replace(head+field+"\n\n"))
			if got.status != plain.status || got.body != plain.body || got.header.Get("WWW-Authenticate") != plain.header.Get("WWW-Authenticate") ||
				got.header.Get("Content-Type") != plain.header.Get("Content-Type") || s.bot.Hits() > 0 {
				t.Errorf("%s, %s: %d %s, and the bot got %d requests", name, field, got.status, got.body, s.bot.Hits())
			}
		}
	}
	var attacks []attack
	for _, field := range []string{"Upgrade: h2c", "Upgrade: websocket", "Upgrade: TLS/1.0", "Upgrade: none", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"} {
		attacks = append(attacks, attack{field, "GET {act} HTTP/1.1\nHost: {host}\nConnection: Upgrade\n" + field + "\n\n", 0})
	}
	s.refuses(t, attacks...)
}

// switches are fields by which some gateway takes a request for one that needs no check.
var switches = []string{
	"Accept: text/event-stream", "Accept: text/html", "Accept: application/grpc", "Content-Type: application/grpc", "User-Agent: kube-probe/1.30",
	"Origin: null", "Origin: http://{host}", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization",
	"X-HTTP-Method-Override: OPTIONS", "X-HTTP-Method-Override: GET", "X-Method-Override: HEAD", "X-Forwarded-For: 127.0.0.1",
	"X-Forwarded-Proto: https", "X-Forwarded-Host: localhost", "X-Forwarded-Uri: /healthz", "X-Original-URL: /healthz",
	"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Sec-Purpose: prefetch", "Service-Worker: script", "X-Requested-With: XMLHttpRequest",
	"Cookie: access_token={driver}", "Cookie: __Host-Http-botlatch-x={driver}", "X-Access-Token: {driver}", "Proxy-Authorization: Bearer {driver}",
	"X-Authorization: Bearer {driver}", "X-Auth-Token: {driver}", "X-Bot-Subject: ana", "X-User: admin", "Remote-User: admin",
	"X-Skip-Auth: true", "X-Botlatch: off", "X-Internal: 1", "X-Envoy-Internal: true", "X-Middleware-Subrequest: middleware",
	"Range: bytes=0-1", "If-None-Match: *", "Cache-Control: only-if-cached", "Max-Forwards: 0", "Via: 1.1 Caddy", "Early-Data: 1",
	"Connection: Authorization", "Connection: close, Authorization", "TE: trailers", "DPoP: e30.e30.e30", "Purpose: prefetch", "Prefer: respond-async",
}
