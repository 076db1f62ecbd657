package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

const upgradeSites = options + `
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		public GET /open
		public WS /feed
		allow GET /closed any_token
		allow WS /drive /refuse /select scope rover:drive
		allow GET,POST /door scope door:open
	}
	reverse_proxy {$BOT}
}
`

// upgrades is a latch in front of a bot that believes every upgrade.
type upgrades struct {
	bot    *tunnelBot
	latch  *latchtest.Latch
	key    latchtest.Key
	host   string
	bearer string // the Authorization field of a driver
}

func newUpgrades(t *testing.T) *upgrades {
	t.Helper()
	u := &upgrades{bot: startTunnelBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	u.latch = latchtest.Start(t, upgradeSites, "BOT="+u.bot.address, "KEYS="+u.key.File)
	u.host, u.bearer = trimScheme(u.latch.URL), "Authorization: Bearer "+u.token(t, "rover:drive")
	return u
}

func (u *upgrades) token(t *testing.T, scope string) string {
	t.Helper()
	return u.key.Mint(t, issue.Token{Issuer: issuerName, Subject: "ana", Audience: []string{audience}, Scope: []string{scope}})
}

// refused sends a request for a tunnel, then what the tunnel would carry, and asserts that the bot got neither.
func (u *upgrades) refused(t *testing.T, lines []string, status int) {
	t.Helper()
	before, _ := u.bot.reached()
	client := dialRaw(t, u.latch.URL)
	client.send(lines...)
	client.send("GET /secret HTTP/1.1", "Host: bot", "X-Tunnelled: 1", "Connection: close", "")
	method, _, _ := strings.Cut(lines[0], " ")
	if res, _ := client.answer(method); res.StatusCode != status {
		t.Errorf("status %d, want %d", res.StatusCode, status)
	}
	if rest := client.rest(2 * time.Second); strings.Contains(rest, "101") || strings.Contains(rest, "X-Tunnelled") {
		t.Errorf("behind the refusal came %q", rest)
	}
	if after, _ := u.bot.reached(); len(after) != len(before) {
		t.Errorf("the bot was reached: %v", after[len(before):])
	}
}

func TestP21_RefusesEveryUpgradeButWebSocket(t *testing.T) {
	t.Parallel()
	u := newUpgrades(t)
	h2c := []string{"Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"}
	for name, fields := range map[string][]string{
		"h2c":                      h2c,
		"h2c without settings":     {"Connection: Upgrade", "Upgrade: h2c"},
		"h2c in upper case":        {"connection: UPGRADE", "upgrade: H2C"},
		"h2c, websocket":           {"Connection: Upgrade", "Upgrade: h2c, websocket"},
		"websocket, h2c":           {"Connection: Upgrade", "Upgrade: websocket, h2c"},
		"websocket and h2c":        {"Connection: Upgrade", "Upgrade: websocket", "Upgrade: h2c"},
		"websocket twice":          {"Connection: Upgrade", "Upgrade: websocket", "Upgrade: websocket"},
		"websocket with a version": {"Connection: Upgrade", "Upgrade: websocket/13"},
		"websocket with a long s":  {"Connection: Upgrade", "Upgrade: webſocket"},
		"websocket and HTTP2-Settings": {
			"Connection: Upgrade, HTTP2-Settings", "Upgrade: websocket", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
		},
		"HTTP2-Settings alone":          {"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"},
		"TLS":                           {"Connection: Upgrade", "Upgrade: TLS/1.0"},
		"option without a protocol":     {"Connection: upgrade"},
		"protocol without its option":   {"Upgrade: websocket"},
		"empty protocol":                {"Connection: Upgrade", "Upgrade:"},
		"websocket with a body":         {"Connection: Upgrade", "Upgrade: websocket", "Content-Length: 4"},
		"websocket with a chunked body": {"Connection: Upgrade", "Upgrade: websocket", "Transfer-Encoding: chunked"},
	} {
		for where, path := range map[string]string{"public": "/open", "public WS": "/feed", "closed": "/closed", "WS": "/drive"} {
			t.Run("deny/"+name+"/"+where, func(t *testing.T) {
				u.refused(t, handshake(path, u.host, append([]string{u.bearer}, fields...)...), http.StatusBadRequest)
			})
		}
	}
	for _, request := range []string{"POST /drive HTTP/1.1", "GET /drive HTTP/1.0", "HEAD /feed HTTP/1.1", "CONNECT /feed HTTP/1.1"} {
		t.Run("deny/websocket with "+request, func(t *testing.T) {
			lines := handshake("/drive", u.host, handshakeFields(u.bearer)...)
			lines[0] = request
			u.refused(t, lines, http.StatusBadRequest)
		})
	}
}

func TestWebSocketHandshakeNeedsATokenOfItsRule(t *testing.T) {
	t.Parallel()
	u := newUpgrades(t)
	for name, c := range map[string]struct {
		path, token string
		status      int
	}{
		"deny/no token":        {"/drive", "", 401},
		"deny/wrong scope":     {"/drive", "door:open", 403},
		"deny/no WS rule":      {"/closed", "rover:drive", 403},
		"deny/public for GET":  {"/open", "rover:drive", 403},
		"deny/rule of methods": {"/door", "door:open", 403},
	} {
		t.Run(name, func(t *testing.T) {
			fields := handshakeFields()
			if c.token != "" {
				fields = handshakeFields("Authorization: Bearer " + u.token(t, c.token))
			}
			u.refused(t, handshake(c.path, u.host, fields...), c.status)
		})
	}
	t.Run("deny/GET on a WS rule", func(t *testing.T) {
		u.refused(t, handshake("/drive", u.host, u.bearer), http.StatusForbidden)
	})
	t.Run("ok/driver", func(t *testing.T) { u.drives(t, "/drive", u.bearer) })
	t.Run("ok/public", func(t *testing.T) { u.drives(t, "/feed", "X-Kept: yes") })
}

// drives opens a WebSocket and sends bytes both ways.
func (u *upgrades) drives(t *testing.T, path, field string) {
	t.Helper()
	client := dialRaw(t, u.latch.URL)
	client.send(handshake(path, u.host, handshakeFields(field, "Sec-WebSocket-Protocol: rover")...)...)
	res, _ := client.answer("GET")
	if res.StatusCode != http.StatusSwitchingProtocols || !strings.EqualFold(res.Header.Get("Upgrade"), "websocket") {
		t.Fatalf("status %d, Upgrade %q", res.StatusCode, res.Header.Get("Upgrade"))
	}
	for _, frame := range []string{"\x81\x83\x00\x00\x00\x00fwd", "\x81\x84\x00\x00\x00\x00stop"} {
		client.write(frame)
		client.read(frame)
	}
	heads, _ := u.bot.reached()
	last := heads[len(heads)-1]
	if last.Get("Authorization") != "" || last.Get("Sec-WebSocket-Protocol") != "rover" {
		t.Errorf("the bot saw Authorization %q, subprotocol %q", last.Get("Authorization"), last.Get("Sec-WebSocket-Protocol"))
	}
}

// TestP20_BytesBehindAHandshakeWaitForThe101 sends them at once: until the bot agreed they are not a tunnel's, and when
// it refuses they are the next request, which is judged.
func TestP20_BytesBehindAHandshakeWaitForThe101(t *testing.T) {
	t.Parallel()
	u := newUpgrades(t)
	next := "GET /closed HTTP/1.1\r\nHost: " + u.host + "\r\nConnection: close\r\n\r\n"
	t.Run("agreed", func(t *testing.T) {
		client := dialRaw(t, u.latch.URL)
		client.write(strings.Join(handshake("/drive", u.host, handshakeFields(u.bearer)...), "\r\n") + "\r\n" + next)
		if res, _ := client.answer("GET"); res.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("status %d", res.StatusCode)
		}
		client.read(next)
	})
	t.Run("refused", func(t *testing.T) {
		client := dialRaw(t, u.latch.URL)
		client.write(strings.Join(handshake("/refuse", u.host, handshakeFields(u.bearer)...), "\r\n") + "\r\n" + next)
		if res, body := client.answer("GET"); res.StatusCode != http.StatusForbidden || body != "no" {
			t.Fatalf("status %d, body %q", res.StatusCode, body)
		}
		if res, _ := client.answer("GET"); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("the request behind it: status %d, want 401", res.StatusCode)
		}
	})
	if heads, early := u.bot.reached(); len(heads) != 2 || early != "" {
		t.Errorf("%d requests reached the bot, and before its answer came %q", len(heads), early)
	}
}
