package admin_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// onHold is the answer to GET /botlatch/hold.
type onHold struct {
	Held   bool
	Since  time.Time
	Reason string
}

// checkHeld asserts that a good token is answered 503, or passes, and that hold, status and ready say so.
func (l *latch) checkHeld(t *testing.T, token string, want bool) (h onHold) {
	t.Helper()
	code := http.StatusOK
	if want {
		code = http.StatusServiceUnavailable
	}
	before := l.bot.Hits()
	if got := l.status(t, token); got != code || (l.bot.Hits() > before) == want {
		t.Errorf("status %d, want %d; %d requests reached the bot", got, code, l.bot.Hits()-before)
	}
	var status struct{ Ready, Held bool }
	if l.get(t, "/botlatch/status", &status); !status.Ready || status.Held != want {
		t.Errorf("status: %+v", status)
	}
	var ready map[string]bool
	if l.get(t, "/botlatch/ready", &ready); !ready["ready"] {
		t.Error("not ready: it does what it was told")
	}
	if l.get(t, "/botlatch/hold", &h); h.Held != want {
		t.Errorf("hold: %+v", h)
	}
	return h
}

func TestHoldAndResumeOverTheAdminAPI(t *testing.T) {
	t.Parallel()
	l := start(t)
	token := l.token(t, "ana")
	l.checkHeld(t, token, false)
	for _, c := range []struct {
		name, method, body string
		status             int
		held               bool
	}{
		{"deny/unknown member", http.MethodPost, `{"why":"x"}`, 400, false},
		{"deny/no JSON", http.MethodPost, `now`, 400, false},
		{"deny/two values", http.MethodPost, `{}{}`, 400, false},
		{"deny/another method", http.MethodPut, `{}`, 405, false},
		{"ok/no body", http.MethodPost, ``, 200, true},
		{"ok/resume without a body", http.MethodDelete, ``, 200, false},
		{"ok/resume of nothing", http.MethodDelete, `{}`, 200, false},
		{"ok/reason", http.MethodPost, `{"reason":"water in the cellar"}`, 200, true},
		{"ok/again", http.MethodPost, `{"reason":"and in the kitchen"}`, 200, true},
		{"deny/resume, unknown member", http.MethodDelete, `{"why":"x"}`, 400, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, answer := l.Ask(t, c.method, "/botlatch/hold", c.body)
			var h onHold
			if status != c.status || status == http.StatusOK && (json.Unmarshal([]byte(answer), &h) != nil || h.Held != c.held) {
				t.Errorf("status %d, want %d: %s", status, c.status, answer)
			}
			l.checkHeld(t, token, c.held)
		})
	}
	if h := l.checkHeld(t, token, true); h.Reason != "water in the cellar" || time.Since(h.Since).Abs() > time.Minute {
		t.Errorf("hold: %+v", h)
	}
	var listed struct {
		Revocations []struct{ Kind, Reason string }
	}
	if l.get(t, "/botlatch/revocations?kind=hold", &listed); len(listed.Revocations) != 1 || listed.Revocations[0].Reason != "water in the cellar" {
		t.Errorf("listed: %+v", listed)
	}
	if status, answer := l.Ask(t, http.MethodDelete, "/botlatch/hold", `{"reason":"dry"}`); status != http.StatusOK {
		t.Errorf("status %d: %s", status, answer)
	}
	l.checkHeld(t, token, false)
	for message, reason := range map[string]string{"held": "and in the kitchen", "resumed": "dry"} {
		lines := l.audited(t, message, 3)
		if last := lines[2]; last["reason"] != reason || last["by"] != "admin API, unix socket" || last["level"] != "info" {
			t.Errorf("%v", last)
		}
	}
}

// TestAHoldIsNoRevocation: through the list it could be refused, for want of room or a clock.
func TestAHoldIsNoRevocation(t *testing.T) {
	t.Parallel()
	l := start(t)
	token := l.token(t, "ana")
	for _, held := range []bool{false, true} {
		if held {
			l.Ask(t, http.MethodPost, "/botlatch/hold", "")
		}
		for _, method := range []string{http.MethodPost, http.MethodDelete} {
			status, answer := l.Ask(t, method, "/botlatch/revocations", `{"kind":"hold","reason":"x"}`)
			if status != http.StatusBadRequest || !strings.Contains(answer, "botlatch hold") || !strings.Contains(answer, "resume") {
				t.Errorf("%s: status %d: %s", method, status, answer)
			}
			l.checkHeld(t, token, held)
		}
	}
}

func TestAnImportedHoldHoldsAndIsAudited(t *testing.T) {
	t.Parallel()
	l := start(t)
	token := l.token(t, "ana")
	const body = `{"revocations":[{"kind":"hold","reason":"moved","at":"2026-01-02T15:04:05Z"}],"reason":"another latch"}`
	if status, answer := l.Ask(t, http.MethodPost, "/botlatch/revocations/import", body); status != http.StatusOK {
		t.Fatalf("status %d: %s", status, answer)
	}
	if h := l.checkHeld(t, token, true); h.Reason != "moved" || h.Since.Year() != 2026 {
		t.Errorf("hold: %+v", h)
	}
	l.audited(t, "imported", 1)
	l.audited(t, "held", 1)
	l.Ask(t, http.MethodDelete, "/botlatch/hold", "")
	l.checkHeld(t, token, false)
}

func TestOverTCPAHoldNeedsAnAllowedOrigin(t *testing.T) {
	t.Parallel()
	address := latchtest.FreeAddress(t)
	l := prepare(t, strings.ReplaceAll(site, "{$ADMIN}", address))
	l.Admin = address
	l.Run()
	token := l.token(t, "ana")
	for _, c := range []struct {
		method, origin string
		status         int
		held           bool
	}{
		{http.MethodPost, "", 403, false},
		{http.MethodPost, "https://evil.example", 403, false},
		{http.MethodPost, "http://" + address, 200, true},
		{http.MethodDelete, "", 403, true},
		{http.MethodDelete, "http://" + address, 200, false},
	} {
		if got := ask(t, c.method, "http://"+address+"/botlatch/hold", c.origin, ""); got != c.status {
			t.Errorf("%s with Origin %q: status %d, want %d", c.method, c.origin, got, c.status)
		}
		l.checkHeld(t, token, c.held)
	}
}
