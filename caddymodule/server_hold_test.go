package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

const holdSite = `http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		public GET /open
		allow GET,POST,WS /door/** scope door:open
	}
	reverse_proxy {$BOT}
}
`

// press holds (POST) or resumes (DELETE).
func (s *stage) press(t *testing.T, method string) {
	t.Helper()
	if status, answer := s.latch.Ask(t, method, "/botlatch/hold", `{"reason":"water in the cellar"}`); status != http.StatusOK {
		t.Fatalf("%s: status %d: %s", method, status, answer)
	}
}

func TestOnHoldNothingButPublicRulesReachesTheBot(t *testing.T) {
	t.Parallel()
	s := newStage(t, holdSite)
	good := s.mint(t, "door:open")
	door := func(token string, status int) exchange {
		return exchange{method: http.MethodPost, path: "/door/unlock", token: token, status: status}
	}
	upgrade := http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="},
	}
	s.check(t, http.DefaultClient, s.latch.URL, door(good, http.StatusOK))
	s.press(t, http.MethodPost)
	for name, x := range map[string]exchange{
		"ok/public":                    {method: http.MethodGet, path: "/open", status: http.StatusOK},
		"ok/public, with a token":      {method: http.MethodGet, path: "/open", token: good, status: http.StatusOK},
		"deny/good token":              door(good, http.StatusServiceUnavailable),
		"deny/GET":                     {method: http.MethodGet, path: "/door/unlock", token: good, status: http.StatusServiceUnavailable},
		"deny/HEAD":                    {method: http.MethodHead, path: "/door/unlock", token: good, status: http.StatusServiceUnavailable},
		"deny/WebSocket":               {method: http.MethodGet, path: "/door/drive", token: good, fields: upgrade, status: http.StatusServiceUnavailable},
		"deny/no credentials":          door("", http.StatusServiceUnavailable),
		"deny/no token":                door("rubbish", http.StatusServiceUnavailable),
		"deny/expired":                 door(s.mintAt(t, time.Now().Add(-time.Hour), "door:open"), http.StatusServiceUnavailable),
		"deny/no scope":                door(s.mint(t), http.StatusServiceUnavailable),
		"deny/issued during the hold":  door(s.mint(t, "door:open"), http.StatusServiceUnavailable),
		"deny/two tokens":              {method: http.MethodPost, path: "/door/unlock?access_token=" + good, token: good, status: http.StatusServiceUnavailable},
		"deny/no rule":                 {method: http.MethodGet, path: "/elsewhere", token: good, status: http.StatusForbidden},
		"deny/public, another method":  {method: http.MethodPost, path: "/open", token: good, status: http.StatusForbidden},
		"deny/public, another reading": {method: http.MethodGet, path: "/OPEN", token: good, status: http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			body := s.check(t, http.DefaultClient, s.latch.URL, x)
			if x.status == http.StatusServiceUnavailable && x.method != http.MethodHead && !strings.Contains(body, `"detail":"Everything is on hold"`) {
				t.Errorf("body %s", body)
			}
			if strings.Contains(body, "cellar") {
				t.Error("the client is told why")
			}
		})
	}
	res := s.ask(t, good)
	if res.Header.Get("Retry-After") != "5" {
		t.Errorf("Retry-After %q", res.Header.Get("Retry-After"))
	}
	metrics := adminGet(t, s.latch, "/metrics")
	for _, want := range []string{`botlatch_requests_total{outcome="deny",reason="held"} 11`, `botlatch_revocations{kind="hold"} 1`} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("the metrics do not say %s", want)
		}
	}
	if !strings.Contains(s.latch.Log(), `"msg":"denied: held","reason":"held","status":503`) {
		t.Error("the log does not say why")
	}
	s.press(t, http.MethodDelete)
	s.check(t, http.DefaultClient, s.latch.URL, door(good, http.StatusOK)) // the same token
	s.check(t, http.DefaultClient, s.latch.URL, exchange{method: http.MethodPost, path: "/door/unlock", status: http.StatusUnauthorized, challenge: bare})
}

// ask opens the door with a token.
func (s *stage) ask(t *testing.T, token string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.latch.URL+"/door/unlock", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res
}

func TestARevokedTokenStaysRevokedAfterAHold(t *testing.T) {
	t.Parallel()
	s := newStage(t, holdSite)
	good, revoked := s.mint(t, "door:open"), s.mint(t, "door:open")
	s.press(t, http.MethodPost)
	s.revoke(t, revoked)
	s.press(t, http.MethodDelete)
	for token, want := range map[string]int{good: http.StatusOK, revoked: http.StatusUnauthorized} {
		if res := s.ask(t, token); res.StatusCode != want {
			t.Errorf("status %d, want %d", res.StatusCode, want)
		}
	}
}

// TestReportOnlyHoldsNobodyUp: a site that enforces nothing counts what it would have refused.
func TestReportOnlyHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	s := newStage(t, strings.Replace(holdSite, "public GET", "insecure_report_only\n\t\tpublic GET", 1))
	s.press(t, http.MethodPost)
	hits := s.bot.Hits()
	if res := s.ask(t, s.mint(t, "door:open")); res.StatusCode != http.StatusOK || s.bot.Hits() != hits+1 {
		t.Errorf("status %d", res.StatusCode)
	}
	want := `botlatch_requests_total{outcome="would_deny",reason="` + deny.Held.String() + `"} 1`
	if metrics := adminGet(t, s.latch, "/metrics"); !strings.Contains(metrics, want) {
		t.Errorf("the metrics do not say %s", want)
	}
}

func TestInspectSaysThatEverythingIsOnHold(t *testing.T) {
	t.Parallel()
	s := newStage(t, holdSite)
	question := `{"token":"` + s.mint(t, "door:open") + `","method":"POST","path":"/door/unlock"}`
	for _, on := range []bool{true, false} {
		s.press(t, map[bool]string{true: http.MethodPost, false: http.MethodDelete}[on])
		_, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/inspect", question)
		if strings.Contains(answer, `"passed":false,"reason":"held"`) != on || strings.Contains(answer, `"accepted":true`) == on {
			t.Errorf("on hold %t: %s", on, answer)
		}
	}
}
