package attacks_test

import (
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// newTCPAdmin is a stage whose admin API listens on TCP, as Caddy does unless it is told otherwise.
func newTCPAdmin(t *testing.T) *stage {
	t.Helper()
	address := latchtest.FreeAddress(t)
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Prepare(t, strings.Replace(storeOptions+site, "{$ADMIN}", address, 1),
		"BOT="+s.bot.Address(), "KEYS="+s.key.File, "STORE="+filepath.Join(t.TempDir(), "revocations.db"))
	s.latch.Admin = address
	s.latch.Run()
	return s
}

// TestL4_ABrowserCannotUseTheAdminAPI: what pages can make a browser send to a port of this machine, and what they send
// when their own name is made to stand for it.
func TestL4_ABrowserCannotUseTheAdminAPI(t *testing.T) {
	t.Parallel()
	s := newTCPAdmin(t)
	victim, revoked := s.token(t, "drive"), s.token(t, "drive")
	_, port, _ := strings.Cut(s.latch.Admin, ":")
	ask := func(method, path, host, fields, body string) answer {
		return send(t, s.latch.Admin, method+" "+path+" HTTP/1.1\nHost: "+host+"\n"+fields+"Content-Length: "+
			strconv.Itoa(len(body))+"\n\n"+body)
	}
	if got := ask("POST", "/botlatch/revocations", s.latch.Admin, "Origin: http://"+s.latch.Admin+"\n", `{"token":"`+revoked+`"}`); got.status != http.StatusOK {
		t.Fatalf("the owner: status %d: %s", got.status, got.body)
	}
	requests := []struct{ method, path, body string }{
		{"POST", "/botlatch/revocations", `{"token":"` + victim + `"}`},
		{"DELETE", "/botlatch/revocations", `{"token":"` + revoked + `"}`},
		{"POST", "/botlatch/revocations/import", `{"revocations":[{"kind":"all"}]}`},
		{"GET", "/botlatch/revocations", ""},
		{"GET", "/botlatch/status", ""},
		{"POST", "/botlatch/inspect", `{"token":"` + victim + `"}`},
		{"POST", "/load", "{}"},
		{"POST", "/stop", ""},
		{"DELETE", "/config/", ""},
	}
	for name, from := range map[string]struct{ host, fields string }{
		"another origin":            {s.latch.Admin, "Origin: https://evil.example\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: cors\nContent-Type: text/plain\n"},
		"no-cors":                   {s.latch.Admin, "Origin: https://evil.example\nSec-Fetch-Mode: no-cors\nContent-Type: text/plain\n"},
		"no-cors without an origin": {s.latch.Admin, "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\n"},
		"a navigation":              {s.latch.Admin, "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\n"},
		"a sandboxed frame":         {s.latch.Admin, "Origin: null\nContent-Type: application/x-www-form-urlencoded\n"},
		"the bot's page":            {s.latch.Admin, "Origin: " + s.latch.URL + "\nSec-Fetch-Mode: cors\n"},
		"a longer origin":           {s.latch.Admin, "Origin: http://" + s.latch.Admin + ".evil.example\n"},
		"DNS rebinding":             {"evil.example:" + port, "Origin: http://evil.example:" + port + "\nSec-Fetch-Site: same-origin\nSec-Fetch-Mode: cors\n"},
		"rebinding, old browser":    {"evil.example:" + port, ""},
		"rebinding, allowed origin": {"evil.example:" + port, "Origin: http://" + s.latch.Admin + "\n"},
	} {
		for _, r := range requests {
			got := ask(r.method, r.path, from.host, from.fields, r.body)
			if got.status != http.StatusForbidden && got.status != http.StatusBadRequest {
				t.Errorf("%s, %s %s: status %d: %s", name, r.method, r.path, got.status, got.body)
			}
			if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != "" {
				t.Errorf("%s, %s %s: it may be read from %s", name, r.method, r.path, allowed)
			}
		}
	}
	// A browser too old to say where it comes from.
	for _, r := range requests[:3] {
		if got := ask(r.method, r.path, s.latch.Admin, "Content-Type: text/plain\n", r.body); got.status != http.StatusForbidden {
			t.Errorf("no origin, %s %s: status %d: %s", r.method, r.path, got.status, got.body)
		}
	}
	const head = "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer "
	s.refuses(t, attack{"revoked", head + revoked + "\n\n", http.StatusUnauthorized})
	if got := send(t, s.address(), s.words(t).Replace(head)+victim+"\n\n"); got.status != http.StatusOK {
		t.Errorf("the victim's token: status %d", got.status)
	}
}
