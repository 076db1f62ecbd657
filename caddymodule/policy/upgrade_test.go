package policy

import (
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

func TestTakesWebSocketHandshake(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]string{
		"ok/Chromium":           "Connection: Upgrade\r\nUpgrade: websocket\r\n",
		"ok/Firefox":            "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
		"ok/mixed case":         "Connection: uPgrade\r\nUpgrade: WebSocket\r\n",
		"ok/two Connections":    "Connection: keep-alive\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
		"ok/empty list members": "Connection: ,,\t upgrade ,\r\nUpgrade: websocket\r\n",
		"ok/length of nothing":  "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, err := ParseTarget(receive(t, "GET /drive HTTP/1.1\r\nHost: bot.test\r\n"+fields+"\r\n"))
			if err != nil || target != (Target{Method: WebSocket, Path: "/drive"}) {
				t.Errorf("got %+v, %v", target, err)
			}
		})
	}
}

func TestP21_RefusesForeignUpgrade(t *testing.T) {
	t.Parallel()
	const websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
	for name, c := range map[string]struct{ line, fields string }{
		"deny/h2c":                     {"", "Connection: Upgrade\r\nUpgrade: h2c\r\n"},
		"deny/h2c with settings":       {"", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"},
		"deny/settings alone":          {"", "HTTP2-Settings: AAMA\r\n"},
		"deny/settings beside":         {"", websocket + "HTTP2-Settings: AAMA\r\n"},
		"deny/empty settings":          {"", "http2-settings:\r\n"},
		"deny/two protocols":           {"", "Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n"},
		"deny/two protocols, other":    {"", "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n"},
		"deny/two fields":              {"", websocket + "Upgrade: h2c\r\n"},
		"deny/the same twice":          {"", websocket + "Upgrade: websocket\r\n"},
		"deny/version":                 {"", "Connection: Upgrade\r\nUpgrade: websocket/13\r\n"},
		"deny/long s":                  {"", "Connection: Upgrade\r\nUpgrade: web\u017focket\r\n"},
		"deny/Kelvin sign":             {"", "Connection: Upgrade\r\nUpgrade: websoc\u212aet\r\n"},
		"deny/empty":                   {"", "Connection: Upgrade\r\nUpgrade:\r\n"},
		"deny/TLS":                     {"", "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n"},
		"deny/without Connection":      {"", "Upgrade: websocket\r\n"},
		"deny/h2c without Connection":  {"", "Upgrade: h2c\r\n"},
		"deny/other Connection":        {"", "Connection: upgraded\r\nUpgrade: websocket\r\n"},
		"deny/Connection alone":        {"", "Connection: keep-alive, Upgrade\r\n"},
		"deny/POST":                    {"POST /drive HTTP/1.1", websocket},
		"deny/HEAD":                    {"HEAD /drive HTTP/1.1", websocket},
		"deny/get":                     {"get /drive HTTP/1.1", websocket},
		"deny/HTTP/1.0":                {"GET /drive HTTP/1.0", websocket},
		"deny/body":                    {"", websocket + "Content-Length: 4\r\n"},
		"deny/chunked body":            {"", websocket + "Transfer-Encoding: chunked\r\n"},
		"deny/P20 CONNECT":             {"CONNECT bot.test:80 HTTP/1.1", ""},
		"deny/P20 CONNECT with a path": {"CONNECT /drive HTTP/1.1", ""},
		"deny/P20 CONNECT, websocket":  {"CONNECT /drive HTTP/1.1", websocket},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := c.line
			if line == "" {
				line = "GET /drive HTTP/1.1"
			}
			_, err := ParseTarget(receive(t, line+"\r\nHost: bot.test\r\n"+c.fields+"\r\n"))
			wantReason(t, err, deny.ForeignUpgrade)
		})
	}
}

func TestP20_RefusesUpgradeOverHTTP2(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Request){
		"deny/Upgrade": func(r *http.Request) {
			r.Header.Set("Connection", "upgrade")
			r.Header.Set("Upgrade", "websocket")
		},
		"deny/extended CONNECT": func(r *http.Request) {
			r.Method = http.MethodConnect
			r.Header[":protocol"] = []string{"websocket"}
		},
		"deny/protocol without CONNECT":     func(r *http.Request) { r.Header[":protocol"] = []string{"websocket"} },
		"deny/extended CONNECT over HTTP/3": func(r *http.Request) { r.Method, r.Proto = http.MethodConnect, "websocket" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := get(t, "/drive")
			r.ProtoMajor, r.ProtoMinor, r.Proto = 2, 0, "HTTP/2.0"
			change(r)
			_, err := ParseTarget(r)
			wantReason(t, err, deny.ForeignUpgrade)
		})
	}
}

func TestTakesRequestThatOnlyLooksLikeUpgrade(t *testing.T) {
	t.Parallel()
	for _, fields := range []string{
		"Connection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\n", "Connection: close, X-Upgrade\r\n",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
	} {
		target, err := ParseTarget(receive(t, "GET /drive HTTP/1.1\r\nHost: bot.test\r\n"+fields+"\r\n"))
		if err != nil || target.Method != http.MethodGet {
			t.Errorf("%q: got %+v, %v", fields, target, err)
		}
	}
}

func TestUpgradeSearchIsLinear(t *testing.T) {
	t.Parallel()
	if hasToken([]string{strings.Repeat(",", 1<<20), strings.Repeat("upgrade", 1<<17)}, "upgrade") {
		t.Error("found a token that is not there")
	}
}
