package caddymodule_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// querySites take tokens in the query, log all there is to say, and filter nothing. The bot is away behind /away, and a
// handler fails behind /fails, with everything in its error that names a URL.
const querySites = `{
	admin {$ADMIN}
	auto_https off
	log {
		level DEBUG
	}
	botlatch {
		issuer ` + issuerName + ` {
			keys static {$KEYS}
			audience ` + audience + `
		}
	}
}
(site) {
	bind 127.0.0.1
	log
	botlatch {
		{args[:]}
		public GET /open
		allow GET,POST /door /away /fails scope door:open
		allow WS /drive scope door:open
	}
	handle /away {
		reverse_proxy 127.0.0.1:1
	}
	handle /fails {
		error "failed: {http.request.uri} {http.request.orig_uri} {query} {http.request.orig_uri.query}" 500
	}
	handle {
		reverse_proxy {$BOT} {
			header_up X-Uri "{http.request.uri} {http.request.orig_uri} {query} {http.request.orig_uri.query}{http.request.orig_uri.prefixed_query}"
		}
	}
}
http://query.test:{$PORT} {
	import site insecure_query_token
}
http://off.test:{$PORT} {
	import site realm off
}
http://report.test:{$PORT} {
	bind 127.0.0.1
	log
	botlatch {
		insecure_report_only
		allow GET /door /away /fails scope door:open
	}
	handle /away {
		reverse_proxy 127.0.0.1:1
	}
	handle /fails {
		error "failed: {http.request.uri} {query}" 500
	}
	reverse_proxy {$BOT}
}
http://stripped.test:{$PORT} {
	uri query -access_token
	import site insecure_query_token
}
http://page.test:{$TLS_PORT} {
	import site insecure_query_token
	handle_errors {
		respond "sorry: {err.status_code} {uri} {http.request.orig_uri}" {err.status_code}
	}
}
http://proxied.test:{$TLS_PORT} {
	import site insecure_query_token
	handle_errors {
		reverse_proxy {$BOT}
	}
}
http://worse.test:{$TLS_PORT} {
	import site insecure_query_token
	handle_errors {
		error "worse: {uri} {http.request.orig_uri}" 500
	}
}
http://skipped.test:{$TLS_PORT} {
	log_skip
	import site insecure_query_token
}
`

// newQueryStage starts querySites.
func newQueryStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Start(t, querySites, "BOT="+s.bot.Address(), "KEYS="+s.key.File)
	return s
}

// address is where a site of querySites listens.
func (s *stage) address(host string) string {
	switch host {
	case "page.test", "proxied.test", "worse.test", "skipped.test":
		return "http://127.0.0.1:" + s.latch.TLSURL[strings.LastIndexByte(s.latch.TLSURL, ':')+1:]
	}
	return s.latch.URL
}

func TestTokenInTheQueryCountsWhereTheSiteSaysSo(t *testing.T) {
	t.Parallel()
	s := newQueryStage(t)
	client := &http.Client{Timeout: rawPatience}
	door, observer := s.mint(t, "door:open"), s.mint(t, "observe")
	for name, x := range map[string]exchange{
		"ok/GET":                      {method: "GET", path: "/door?access_token=" + door, status: 200},
		"ok/POST":                     {method: "POST", path: "/door?a=1&access_token=" + door + "&b=2", status: 200},
		"ok/HEAD":                     {method: "HEAD", path: "/door?access_token=" + door, status: 200},
		"ok/escaped":                  {method: "GET", path: "/door?access_token=" + strings.ReplaceAll(door, ".", "%2E"), status: 200},
		"ok/field":                    {method: "GET", path: "/door?a=1", token: door, status: 200},
		"ok/public":                   {method: "GET", path: "/open?access_token=x", status: 200},
		"ok/report only":              {method: "GET", path: "/door?access_token=" + door, host: "report.test", status: 200},
		"deny/none":                   {method: "GET", path: "/door?a=1", status: 401, challenge: `Bearer realm="botlatch", scope="door:open"`},
		"deny/empty":                  {method: "GET", path: "/door?access_token=", status: 400, challenge: malformed},
		"deny/broken escape":          {method: "GET", path: "/door?access_token=" + door + "%2", status: 400, challenge: malformed},
		"deny/wrong scope":            {method: "GET", path: "/door?access_token=" + observer, status: 403, challenge: `Bearer realm="botlatch", error="insufficient_scope", scope="door:open"`},
		"deny/forged":                 {method: "GET", path: "/door?access_token=" + door[:len(door)-8] + "AAAAAAAA", status: 401, challenge: notAccepted},
		"deny/twice":                  {method: "GET", path: "/door?access_token=" + door + "&access_token=" + door, status: 400, challenge: several},
		"deny/beside a field":         {method: "GET", path: "/door?access_token=" + door, token: door, status: 400, challenge: several},
		"deny/behind a semicolon":     {method: "GET", path: "/door?a;access_token=" + door, status: 400, challenge: misplaced},
		"deny/before a semicolon":     {method: "GET", path: "/door?access_token=" + door + ";a", status: 400, challenge: misplaced},
		"deny/name escaped":           {method: "GET", path: "/door?access%5Ftoken=" + door, status: 400, challenge: misplaced},
		"deny/off":                    {method: "GET", path: "/door?access_token=" + door, host: "off.test", status: 400, challenge: strings.Replace(misplaced, `"botlatch"`, `"off"`, 1)},
		"deny/off, beside a field":    {method: "GET", path: "/door?access_token=" + door, token: door, host: "off.test", status: 400, challenge: strings.Replace(several, `"botlatch"`, `"off"`, 1)},
		"deny/taken away by rewrites": {method: "GET", path: "/door?access_token=" + door, host: "stripped.test", status: 401, challenge: `Bearer realm="botlatch", scope="door:open"`},
	} {
		t.Run(name, func(t *testing.T) {
			if x.host == "" {
				x.host = "query.test"
			}
			s.check(t, client, s.address(x.host), x)
			if x.status != http.StatusOK {
				return
			}
			last := s.bot.Last()
			if x.host == "report.test" {
				if last.RequestURI != x.path {
					t.Errorf("the bot was asked for another target than came")
				}
				return
			}
			if strings.Contains(last.URL.RawQuery+strings.Join(last.Header["X-Uri"], ""), "access_token") || last.Header["Authorization"] != nil {
				t.Errorf("the bot saw %s, %q", last.URL.Redacted(), last.Header["X-Uri"])
			}
			if want := strings.Contains(x.path, "a=1"); want != strings.Contains(last.URL.RawQuery, "a=1") {
				t.Errorf("of the query is left %q", last.URL.RawQuery)
			}
		})
	}
}

// TestTokenInAFormIsNotRead: a body of RFC 6750 §2.2 is the bot's.
func TestTokenInAFormIsNotRead(t *testing.T) {
	t.Parallel()
	s := newQueryStage(t)
	form := url.Values{"access_token": {s.mint(t, "door:open")}}.Encode()
	client := dialRaw(t, s.latch.URL)
	client.send("POST /door HTTP/1.1", "Host: query.test", "Content-Type: application/x-www-form-urlencoded", "Content-Length: "+strconv.Itoa(len(form)), "Connection: close", "")
	client.write(form)
	if res, _ := client.answer("POST"); res.StatusCode != http.StatusUnauthorized || s.bot.Hits() != 0 {
		t.Errorf("status %d, %d requests reached the bot", res.StatusCode, s.bot.Hits())
	}
}
