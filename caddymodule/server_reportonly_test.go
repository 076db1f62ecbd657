package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

const reportOnlySite = `{
	admin {$ADMIN}
	botlatch {
		issuer own {
			keys static {$KEYS}
		}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		insecure_report_only
		allow GET /arm scope observe
	}
	reverse_proxy {$BOT} {
		header_up X-Caller "<{http.auth.user.id}>"
	}
}
`

func TestReportOnlyDecidesAndEnforcesNothing(t *testing.T) {
	t.Parallel()
	key := latchtest.NewKey(t, jose.EdDSA)
	bot := latchtest.StartBot(t)
	l := latchtest.Start(t, reportOnlySite, "KEYS="+key.File, "BOT="+bot.Address())
	good := key.Mint(t, issue.Token{Issuer: "own", Subject: "ana", Scope: []string{"observe"}})
	poor := key.Mint(t, issue.Token{Issuer: "own", Subject: "ana"})
	for _, c := range []struct {
		name, path, token, caller, counted string
		status                             int
	}{
		{"ok/would pass", "/arm", good, "<ana>", `outcome="allow",reason="token"`, http.StatusOK},
		{"ok/no token", "/arm", "", "<>", `outcome="would_deny",reason="no_credentials"`, http.StatusOK},
		{"ok/no scope", "/arm", poor, "<>", `outcome="would_deny",reason="insufficient_scope"`, http.StatusOK},
		{"ok/no rule", "/door", good, "<>", `outcome="would_deny",reason="no_rule"`, http.StatusOK},
		{"ok/another spelling", "/ARM", good, "<>", `outcome="would_deny",reason="ambiguous_target"`, http.StatusOK},
		{"ok/unknown method", "PROPFIND /arm", good, "<>", `outcome="would_deny",reason="no_rule"`, http.StatusOK},
		{"deny/two readings", "/a%2Farm", good, "", `outcome="deny",reason="ambiguous_target"`, http.StatusBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			hits := bot.Hits()
			method, path, odd := strings.Cut(c.path, " ")
			if !odd {
				method, path = http.MethodGet, c.path
			}
			r, err := http.NewRequestWithContext(t.Context(), method, l.URL+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if c.token != "" {
				r.Header.Set("Authorization", "Bearer "+c.token)
			}
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != c.status || (bot.Hits() > hits) != (c.status == http.StatusOK) {
				t.Errorf("status %d, %d requests reached the bot", res.StatusCode, bot.Hits()-hits)
			}
			if c.status == http.StatusOK {
				seen := bot.Last()
				if got := strings.TrimPrefix(seen.Header.Get("Authorization"), "Bearer "); got != c.token {
					t.Error("the credentials were not left as they were")
				}
				if got := seen.Header.Get("X-Caller"); got != c.caller {
					t.Errorf("caller %q, want %q", got, c.caller)
				}
			}
			if metrics := adminGet(t, l, "/metrics"); !strings.Contains(metrics, "botlatch_requests_total{"+c.counted+"} ") {
				t.Errorf("not counted as %s", c.counted)
			}
		})
	}
	if got := strings.Count(l.Log(), "enforces nothing"); got != 1 {
		t.Errorf("%d reminders, want 1", got)
	}
}

// adminGet is the body of a resource of the admin API.
func adminGet(t *testing.T, l *latchtest.Latch, path string) string {
	t.Helper()
	client := l.AdminClient()
	defer client.CloseIdleConnections()
	res, err := client.Get("http://127.0.0.1" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var b strings.Builder
	if err := res.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
