package caddymodule_test

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// errorsSite has error routes that proxy to the bot, a limit that refuses before the latch, and a path that is rewritten
// before it, behind which the bot is away.
const errorsSite = `{
	admin {$ADMIN}
	botlatch {
		issuer own {
			keys static {$KEYS}
		}
	}
}
http://:{$PORT} {
	bind 127.0.0.1
	rewrite /api/door/unlock /api/away
	request_body {
		max_size 10
	}
	botlatch {
		allow POST /api/away scope observe
		allow POST /api/door/lock scope door
	}
	handle /api/away {
		reverse_proxy 127.0.0.1:1
	}
	handle {
		reverse_proxy {$BOT}
	}
	handle_errors {
		reverse_proxy {$BOT}
	}
}
http://127.0.0.1:{$TLS_PORT} {
	bind 127.0.0.1
	respond "no latch here" 200
	handle_errors {
		reverse_proxy {$BOT}
	}
}
`

// TestErrorRoutesThatProxyReachNoBot: Caddy refuses some requests before any handler, and its error routes know no rules.
func TestErrorRoutesThatProxyReachNoBot(t *testing.T) {
	t.Parallel()
	key, bot := latchtest.NewKey(t, jose.EdDSA), latchtest.StartBot(t)
	l := latchtest.Start(t, errorsSite, "KEYS="+key.File, "BOT="+bot.Address())
	observer := key.Mint(t, issue.Token{Issuer: "own", Subject: "ana", Scope: []string{"observe"}})
	address := strings.TrimPrefix(l.URL, "http://")
	other := "127.0.0.1:" + l.TLSURL[strings.LastIndex(l.TLSURL, ":")+1:]
	for name, c := range map[string]struct {
		address, request string
		status           int
		reaches          bool
	}{
		"deny/no host":                {address, "POST /api/door/lock HTTP/1.1\r\nHost:\r\nX-Bot-Subject: root\r\n\r\n", 400, false},
		"deny/method too long":        {address, strings.Repeat("A", 33) + " /api/door/lock HTTP/1.1\r\nHost: lock\r\n\r\n", 405, false},
		"deny/body too large":         {address, "POST /api/door/lock HTTP/1.1\r\nHost: lock\r\nContent-Length: 16\r\n\r\n0123456789abcdef", 413, false},
		"deny/no token":               {address, "POST /api/door/lock HTTP/1.1\r\nHost: lock\r\n\r\n", 401, false},
		"deny/rewritten, bot is away": {address, "POST /api/door/unlock HTTP/1.1\r\nHost: lock\r\nAuthorization: Bearer " + observer + "\r\n\r\n", 502, false},
		"ok/a site without a latch":   {other, strings.Repeat("A", 33) + " / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 405, true}, // ours is not its business
	} {
		t.Run(name, func(t *testing.T) {
			hits := bot.Hits()
			conn, err := net.DialTimeout("tcp", c.address, 5*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			if _, err := conn.Write([]byte(c.request)); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if reached := bot.Hits() > hits; reached != c.reaches || !reached && res.StatusCode != c.status {
				t.Errorf("status %d, the bot was reached: %v", res.StatusCode, reached)
			}
		})
	}
	if !strings.Contains(l.Log(), "handle_errors proxies") {
		t.Error("nobody was told")
	}
}
