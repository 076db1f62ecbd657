package caddymodule_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

const page = "https://app.example.com"

const corsSites = options + `
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow POST /api/door/unlock scope door:unlock
		public GET /open
		cors ` + page + ` {$PAGE}
	}
	reverse_proxy {$BOT}
	handle_errors {
		respond "error"
	}
}
`

// startOpenBot lets every page read everything, as many bots do, and answers preflights; it counts what comes.
func startOpenBot(t *testing.T) (bot *latchtest.Bot) {
	t.Helper()
	bot = new(latchtest.Bot)
	bot.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Access-Control-Allow-Origin"] = []string{"*"}
		w.Header()["Access-Control-Allow-Credentials"] = []string{"true"}
		w.Header()["access-control-allow-methods"] = []string{"*"}
		bot.ServeHTTP(w, r)
	}))
	t.Cleanup(bot.Close)
	return bot
}

// TestPagesOfTheNamedOriginsAreAnsweredAndNoOthers, with a bot that would answer to all.
func TestPagesOfTheNamedOriginsAreAnsweredAndNoOthers(t *testing.T) {
	t.Parallel()
	bot := startOpenBot(t)
	s := &stage{bot: bot, key: latchtest.NewKey(t, jose.EdDSA)}
	l := latchtest.Start(t, corsSites, "BOT="+bot.Address(), "KEYS="+s.key.File, "PAGE=http://localhost:5173")
	token, weak := s.mint(t, "door:unlock"), s.mint(t, "observe")
	for name, c := range map[string]struct {
		method, path, token, origin string
		asks                        bool // a preflight
		status                      int
		shared                      bool
	}{
		"ok/preflight":                  {"OPTIONS", "/api/door/unlock", "", page, true, 204, true},
		"ok/preflight of the other":     {"OPTIONS", "/api/door/unlock", "", "http://localhost:5173", true, 204, true},
		"ok/preflight of no rule":       {"OPTIONS", "/nothing", "", page, true, 204, true},
		"ok/request":                    {"POST", "/api/door/unlock", token, page, false, 200, true},
		"ok/request of no page":         {"POST", "/api/door/unlock", token, "", false, 200, false},
		"ok/public":                     {"GET", "/open", "", page, false, 200, true},
		"ok/another page has a token":   {"POST", "/api/door/unlock", token, "https://evil.example.com", false, 200, false},
		"deny/preflight of another":     {"OPTIONS", "/api/door/unlock", "", "https://evil.example.com", true, 403, false},
		"deny/preflight of null":        {"OPTIONS", "/open", "", "null", true, 403, false},
		"deny/OPTIONS that asks not":    {"OPTIONS", "/api/door/unlock", "", page, false, 403, true},
		"deny/no token":                 {"POST", "/api/door/unlock", "", page, false, 401, true},
		"deny/scope":                    {"POST", "/api/door/unlock", weak, page, false, 403, true},
		"deny/no token, of another":     {"POST", "/api/door/unlock", "", "https://evil.example.com", false, 401, false},
		"deny/no rule":                  {"GET", "/nothing", token, page, false, 403, true},
		"deny/path in two readings":     {"GET", "/open/%2e%2e/x", token, page, false, 400, true},
		"deny/path, and a page unnamed": {"GET", "/open/%2e%2e/x", token, "https://evil.example.com", false, 400, false},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), c.method, l.URL+c.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			for field, value := range map[string]string{"Origin": c.origin, "Authorization": "Bearer " + c.token} {
				if strings.TrimPrefix(value, "Bearer ") != "" {
					req.Header.Set(field, value)
				}
			}
			if c.asks {
				req.Header.Set("Access-Control-Request-Method", "POST")
				req.Header.Set("Access-Control-Request-Headers", "authorization")
			}
			before := bot.Hits()
			res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			origin := ""
			if c.shared {
				origin = c.origin
			}
			if got := strings.Join(res.Header["Access-Control-Allow-Origin"], "|"); res.StatusCode != c.status || got != origin {
				t.Errorf("status %d, want %d; allowed %q, want %q", res.StatusCode, c.status, got, origin)
			}
			exposes := strings.Contains(res.Header.Get("Access-Control-Expose-Headers"), "WWW-Authenticate")
			if res.Header.Get("Access-Control-Allow-Credentials") != "" || exposes != (c.shared && c.status != http.StatusNoContent) {
				t.Errorf("answer %v", res.Header)
			}
			if !strings.Contains(strings.Join(res.Header["Vary"], ","), "Origin") {
				t.Errorf("a cache would give this to any page: Vary %q", res.Header["Vary"])
			}
			if got := bot.Hits() - before; (got == 1) != (c.status == http.StatusOK) || got > 1 {
				t.Errorf("%d requests reached the bot", got)
			}
		})
	}
	if _, metrics := l.Ask(t, http.MethodGet, "/metrics", ""); !strings.Contains(metrics, "\nbotlatch_preflights_total 3\n") {
		t.Error("3 preflights were answered, and the metric says something else")
	}
	// A page is told when the bot is gone, too.
	bot.Close()
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, l.URL+"/open", http.NoBody)
	req.Header.Set("Origin", page)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusBadGateway || res.Header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("status %d, %v", res.StatusCode, res.Header)
	}
}

// TestReportOnlyLeavesTheBotsCORS as it is, preflights too.
func TestReportOnlyLeavesTheBotsCORS(t *testing.T) {
	t.Parallel()
	bot := startOpenBot(t)
	key := latchtest.NewKey(t, jose.EdDSA)
	l := latchtest.Start(t, strings.Replace(corsSites, "cors ", "insecure_report_only\n\t\tcors ", 1),
		"BOT="+bot.Address(), "KEYS="+key.File, "PAGE=http://localhost:5173")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, l.URL+"/api/door/unlock", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", page)
	req.Header.Set("Access-Control-Request-Method", http.MethodPost)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Access-Control-Allow-Origin") != "*" || bot.Hits() != 1 {
		t.Errorf("status %d, %v, %d requests reached the bot", res.StatusCode, res.Header, bot.Hits())
	}
}

// TestStreamsGoThroughASiteWithCORS: a WebSocket and an event stream, and both obey.
func TestStreamsGoThroughASiteWithCORS(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, strings.Replace(bothSites, "botlatch {\n", "botlatch {\n\t\tcors "+page+"\n", 1))
	token := s.driver(t, "ana", 0)
	c := s.dial(t, "/ws", token)
	if _, _, err := c.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	drives(t, c)
	ws, events := closing(t, c), ending(s.get(t, http.DefaultClient, "/events", token))
	s.revokeSubject(t, "ana")
	if e := await(t, ws); e.how != "1008 token revoked" {
		t.Errorf("the WebSocket ended with %s", e.how)
	}
	if e := await(t, events); e.how != "EOF" {
		t.Errorf("the events ended with %s", e.how)
	}
}
