package caddymodule_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestB14_NobodyElseSeesASecret of a sign-in: neither logs at their loudest, nor metrics, nor the admin API, nor the bot.
func TestB14_NobodyElseSeesASecret(t *testing.T) {
	t.Parallel()
	debug := strings.Replace(options, "auto_https off", "auto_https off\n\tdebug\n\tservers {\n\t\tlog_credentials\n\t}", 1)
	site := strings.Replace(signInSite, "\tbotlatch {", "\tlog\n\tbotlatch {", 1)
	s := newStage(t, site)
	s.latch.Stop()
	// Caddy's own switch shows credentials to whoever turns it on; without it nothing may.
	s.latch.Rewrite(strings.Replace(debug, "\tservers {\n\t\tlog_credentials\n\t}", "", 1) + site)
	s.latch.Run()
	link := s.latch.Invite(t, "canary-name", "canary:scope")
	_, secret, _ := strings.Cut(link, "#")
	b := s.latch.NewBrowser(t)
	b.Take(t, link)
	b.Ask(t, "/", latchtest.Typed, nil)
	b.Ask(t, "/act", latchtest.External, nil)
	token := s.mintFor(t, []string{s.latch.TLSURL}, "door:open")
	second := s.latch.NewBrowser(t)
	second.Ask(t, "/.botlatch/", latchtest.Typed, nil)
	second.Ask(t, "/.botlatch/token", latchtest.Followed, url.Values{"token": {token}})
	second.Ask(t, "/.botlatch/callback?state=canary-state&code=canary-code", latchtest.External, nil)
	canaries := map[string]string{"the invitation": secret, "the token": token, "the scope": "canary:scope"}
	for _, browser := range []*latchtest.Browser{b, second} {
		for _, c := range browser.Cookies() {
			if strings.HasPrefix(c.Name, sessionCookie) && len(c.Value) > 20 {
				canaries["a cookie of "+c.Value[len(c.Value)-4:]] = c.Value
			}
		}
	}
	if len(canaries) != 5 {
		t.Fatalf("%d canaries", len(canaries))
	}
	texts := make(map[string]string)
	for _, path := range []string{"/botlatch/invitations", "/botlatch/sessions", "/botlatch/status", "/botlatch/streams", "/metrics", "/config/"} {
		_, texts[path] = s.latch.Ask(t, http.MethodGet, path, "")
	}
	texts["/botlatch/invitations"] = strings.ReplaceAll(texts["/botlatch/invitations"], "canary:scope", "") // who may, and may know
	texts["/botlatch/sessions"] = strings.ReplaceAll(texts["/botlatch/sessions"], "canary:scope", "")
	s.latch.Stop()
	texts["the log"] = strings.ReplaceAll(s.latch.Log(), `"scope":["canary:scope"]`, "") // the audit of the invitation
	for place, text := range texts {
		for what, canary := range canaries {
			if strings.Contains(text, canary) {
				t.Errorf("%s shows %s", place, strings.SplitN(what, " of ", 2)[0])
			}
		}
	}
	if strings.Contains(texts["the log"], "canary-code") || !strings.Contains(texts["the log"], `"uri":"/.botlatch/callback"`) {
		t.Error("the log shows a provider's code, or no callback")
	}
}
