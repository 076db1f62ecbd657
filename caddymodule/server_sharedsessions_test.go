package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestB24_LatchesOfOneStorageShareSessions and what one of them does to the keys.
func TestB24_LatchesOfOneStorageShareSessions(t *testing.T) {
	t.Parallel()
	// Both stand for one site, behind something that shares the requests out.
	const origin = "https://lock.example.com"
	shared := t.TempDir()
	bot := latchtest.StartBot(t)
	site := strings.Replace(signInSite, "sign_in {", "sign_in {\n\t\t\torigin "+origin, 1)
	start := func() *stage {
		s := &stage{bot: bot, key: latchtest.NewKey(t, jose.EdDSA)}
		caddyfile := strings.Replace(options, "auto_https off", "auto_https off\n\tstorage file_system "+shared, 1) + site
		s.latch = latchtest.Start(t, caddyfile, "BOT="+bot.Address(), "KEYS="+s.key.File)
		return s
	}
	a, b := start(), start()
	signIn := func(at *stage) string {
		t.Helper()
		browser := at.latch.NewBrowser(t)
		return browser.TakeAt(t, at.latch.InviteTo(t, origin, "ana", "door:open"), origin)
	}
	becomes := func(at *stage, cookie string, status int) {
		t.Helper()
		got := 0
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
			if got = at.present(t, at.latch.TLSURL, "/act", map[string]string{"Cookie": cookie}).StatusCode; got == status {
				return
			}
		}
		t.Errorf("status %d, want %d", got, status)
	}
	first := signIn(a)
	becomes(a, first, http.StatusOK)
	becomes(b, first, http.StatusOK)
	a.rotate(t, `{"now":true}`)
	becomes(a, first, http.StatusUnauthorized)
	second := signIn(a)
	becomes(b, second, http.StatusOK) // of a key that b has not seen
	becomes(b, first, http.StatusUnauthorized)
}
