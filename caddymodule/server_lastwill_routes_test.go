package caddymodule_test

import (
	"strings"
	"testing"
)

// latchOf is a latch for a rover below a path, whose last will is words.
func latchOf(path, words string) string {
	return "botlatch {\n\t\tallow WS " + path + " scope drive {\n\t\t\tlast_will " + words + "\n\t\t}\n\t}\n"
}

func siteOf(lines ...string) string {
	return "http://127.0.0.1:{$PORT} {\n\tbind 127.0.0.1\n\t" + strings.Join(lines, "\n\t") + "\n}\n"
}

// TestALastWillTakesTheWayOfItsStream, whatever stands between the latch and the bot.
func TestALastWillTakesTheWayOfItsStream(t *testing.T) {
	t.Parallel()
	const elsewhere = "handle {\n\t\trespond 404\n\t}"
	for name, c := range map[string]struct {
		site  string
		drive string // the path of the stream
		want  string // what the bot must be told; empty: it cannot be
	}{
		"ok/handle": {
			siteOf(latchOf("/api/drive", "POST /api/stop"), "handle /api/* {\n\t\treverse_proxy {$BOT}\n\t}", elsewhere),
			"/api/drive", "POST /api/stop",
		},
		"ok/latch in a handle": {
			siteOf("handle /api/* {", latchOf("/api/drive", "POST /api/stop"), "reverse_proxy {$BOT}\n\t}", elsewhere),
			"/api/drive", "POST /api/stop",
		},
		"ok/another handle": { // the will goes where its own path leads
			siteOf(latchOf("/api/drive", "POST /stop"), "handle /api/* {\n\t\treverse_proxy {$BOT}\n\t}", "handle /stop {\n\t\treverse_proxy {$BOT}\n\t}", elsewhere),
			"/api/drive", "POST /stop",
		},
		"ok/route": {
			siteOf("route {", latchOf("/api/drive", "POST /api/stop"), "reverse_proxy /api/* {$BOT}", "respond 404\n\t}"),
			"/api/drive", "POST /api/stop",
		},
		"ok/handle_path around the latch": {
			siteOf("handle_path /api/* {", latchOf("/drive", "POST /stop"), "reverse_proxy {$BOT}\n\t}", elsewhere),
			"/api/drive", "POST /stop",
		},
		"ok/handle_path behind the latch": {
			siteOf(latchOf("/api/drive", "POST /api/stop"), "handle_path /api/* {\n\t\treverse_proxy {$BOT}\n\t}", elsewhere),
			"/api/drive", "POST /stop",
		},
		"ok/strip_prefix before the latch": {
			siteOf("route {\n\turi strip_prefix /api", latchOf("/drive", "POST /stop"), "reverse_proxy {$BOT}\n\t}"),
			"/api/drive", "POST /stop",
		},
		"ok/strip_prefix behind the latch": {
			siteOf("route {", latchOf("/api/drive", "POST /api/stop"), "uri strip_prefix /api\n\treverse_proxy {$BOT}\n\t}"),
			"/api/drive", "POST /stop",
		},
		"ok/rewrite behind the latch": {
			siteOf("route {", latchOf("/drive", "POST /stop"), "rewrite /stop /v2/halt\n\treverse_proxy {$BOT}\n\t}"),
			"/drive", "POST /v2/halt",
		},
		"ok/proxies by path": {
			siteOf(latchOf("/api/drive", "POST /api/stop"), "reverse_proxy /api/* {$BOT}", "reverse_proxy 127.0.0.1:9"),
			"/api/drive", "POST /api/stop",
		},
		"ok/variable": {
			siteOf("vars robot {$BOT}", latchOf("/drive", "POST /stop"), "reverse_proxy {vars.robot}"),
			"/drive", "POST /stop",
		},
		"ok/body and query": {
			siteOf(latchOf("/drive", "PUT /speed?how=now `{\"left\":0}`"), "reverse_proxy {$BOT}"),
			"/drive", `PUT /speed?how=now {"left":0}`,
		},
		"deny/nobody answers": {
			siteOf(latchOf("/api/drive", "POST /stop"), "reverse_proxy /api/* {$BOT}"), "/api/drive", "",
		},
		"deny/somebody else answers": {
			siteOf(latchOf("/api/drive", "POST /stop"), "handle /api/* {\n\t\treverse_proxy {$BOT}\n\t}", elsewhere), "/api/drive", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRoverStage(t, c.site)
			_ = s.drive(t, c.drive, s.driver(t, "ana")).CloseNow()
			if c.want != "" {
				s.wantStop(t, c.want)
				eventually(t, "it was taken", func() bool { return s.wills(t, "success") == 1 })
				s.wantOrders(t, map[string]int{c.want: 1})
				return
			}
			eventually(t, "it failed", func() bool { return s.wills(t, "failure") == 1 })
			if s.wills(t, "success") != 0 || s.logged(`"level":"warn"`, "last will not sent") != 1 {
				t.Errorf("a last will that nobody took:\n%s", s.latch.Log())
			}
			s.wantOrders(t, nil)
		})
	}
}

// TestALastWillIsTheDriversOwn: the bot sees host and driver as in the stream, and nothing of the token.
func TestALastWillIsTheDriversOwn(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, siteOf(latchOf("/drive", "POST /stop `{}`"), `reverse_proxy {$BOT} {
		header_up Host rover.internal
		header_up X-Bot-Subject {http.auth.user.id}
		header_up X-Bot-Issuer {http.botlatch.issuer}
	}`))
	_ = s.drive(t, "/drive", s.driver(t, "ana")).CloseNow()
	o := s.wantStop(t, "POST /stop {}")
	if o.host != "rover.internal" {
		t.Errorf("host %q", o.host)
	}
	for name, want := range map[string]string{
		"X-Bot-Subject": "ana", "X-Bot-Issuer": issuerName, "Content-Type": "application/json", "X-Forwarded-For": "127.0.0.1",
		"X-Forwarded-Proto": "http", "X-Forwarded-Host": trimScheme(s.latch.URL), "User-Agent": "botlatch", "Authorization": "", "Upgrade": "",
	} {
		if got := o.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestALastWillReachesABotOverHTTPS.
func TestALastWillReachesABotOverHTTPS(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, siteOf(latchOf("/drive", `POST /stop "at once"`), `reverse_proxy https://localhost:{$TLS_PORT} {
		transport http {
			tls_trust_pool file {$CERT}
		}
	}`)+"https://localhost:{$TLS_PORT} {\n\tbind 127.0.0.1\n\ttls {$CERT} {$KEY}\n\treverse_proxy {$BOT}\n}\n")
	_ = s.drive(t, "/drive", s.driver(t, "ana")).CloseNow()
	o := s.wantStop(t, "POST /stop at once")
	if got := o.header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
}

// TestASiteThatEnforcesNothingSendsNoLastWill.
func TestASiteThatEnforcesNothingSendsNoLastWill(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, strings.Replace(roverSite, "botlatch {\n", "botlatch {\n\t\tinsecure_report_only\n", 1))
	c := s.drive(t, "/rovers/1/drive", s.driver(t, "ana"))
	_ = c.CloseNow()
	eventually(t, "the driver has gone", func() bool { return s.bot.isOpen("/rovers/1/drive") == 0 })
	s.wantOrders(t, nil)
}
