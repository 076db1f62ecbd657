package caddymodule_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestAnInvitedBrowserUsesTheBotsPage(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	stranger := s.latch.NewBrowser(t)
	a := s.answers(t, stranger, "/", latchtest.Typed, http.StatusUnauthorized)
	if !strings.Contains(a.Text, "<h1>Sign in</h1>") || !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer ") {
		t.Errorf("a stranger is told %q, challenge %q", a.Text, a.Header.Get("WWW-Authenticate"))
	}
	ana := s.invited(t, "door:open")
	s.answers(t, ana, "/", latchtest.Typed, http.StatusOK)
	s.answers(t, ana, "/door/open", latchtest.Fetch, http.StatusOK)
	s.answers(t, ana, "/live", latchtest.Fetch, http.StatusForbidden)
	if cookie := s.bot.Last().Header.Get("Cookie"); cookie != "" {
		t.Errorf("the bot gets to see %d bytes of cookie", len(cookie))
	}
	s.answers(t, stranger, "/door/open", latchtest.Fetch, http.StatusUnauthorized)
}

func TestASessionCountsOnlyForTheSitesOwnPages(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	ana := s.invited(t, "door:open")
	for name, c := range map[string]struct {
		path   string
		fields map[string]string
		reason string
	}{
		"deny/B1 foreign page":   {"/act", latchtest.External, "foreign"},
		"deny/B2 sibling":        {"/act", map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, "foreign"},
		"deny/B4 typed":          {"/act", latchtest.Typed, "outside"},
		"deny/B4 with a query":   {"/?x", latchtest.Typed, "outside"},
		"deny/B5 prefetch":       {"/", map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Purpose": "prefetch"}, "prefetch"},
		"deny/B6 service worker": {"/", map[string]string{"Sec-Fetch-Site": "same-origin", "Service-Worker": "script"}, "service_worker"},
		"deny/B8 old client":     {"/act", nil, "no_metadata"},
	} {
		before := s.counter(t, "deny", c.reason)
		a := s.answers(t, ana, c.path, c.fields, http.StatusUnauthorized)
		if got := a.Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, `Bearer realm="botlatch"`) || strings.Contains(got, "error=") {
			t.Errorf("%s: challenge %q", name, got)
		}
		if s.counter(t, "deny", c.reason) != before+1 {
			t.Errorf("%s: not counted as %s", name, c.reason)
		}
	}
	s.answers(t, ana, "/act", latchtest.Fetch, http.StatusOK)
}

func TestSigningOutEndsTheSessionAlsoForWhoKeptTheCookie(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	ana := s.invited(t, "door:open")
	kept := s.latch.NewBrowser(t)
	at, _ := url.Parse(s.latch.TLSURL)
	kept.Jar.SetCookies(at, ana.Cookies())
	s.answers(t, kept, "/act", latchtest.Fetch, http.StatusOK)
	a := ana.Ask(t, "/.botlatch/out", latchtest.Followed, url.Values{})
	if a.StatusCode != http.StatusOK || a.Header.Get("Clear-Site-Data") != `"cache"` || len(ana.Cookies()) > 1 { // the probe stays
		t.Errorf("status %d, Clear-Site-Data %q, %d cookies", a.StatusCode, a.Header.Get("Clear-Site-Data"), len(ana.Cookies()))
	}
	s.answers(t, kept, "/act", latchtest.Fetch, http.StatusUnauthorized)
	s.answers(t, kept, "/", latchtest.Typed, http.StatusUnauthorized)
	s.latch.Stop()
	s.latch.Run()
	s.answers(t, kept, "/act", latchtest.Fetch, http.StatusUnauthorized)
}

func TestASessionSurvivesARestart(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	ana := s.invited(t, "door:open")
	s.latch.Kill()
	s.latch.Run()
	s.answers(t, ana, "/act", latchtest.Fetch, http.StatusOK)
}

func TestATokenIsExchangedForASession(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	own := s.mintFor(t, []string{s.latch.TLSURL}, "door:open")
	for name, c := range map[string]struct {
		token  string
		status int
	}{
		"ok/of this site":              {own, http.StatusOK},
		"deny/B26 of another site":     {s.mint(t, "door:open"), http.StatusForbidden},
		"deny/B26 of this and another": {s.mintFor(t, []string{s.latch.TLSURL, audience}, "door:open"), http.StatusForbidden},
		"deny/cut short":               {own[:len(own)-5], http.StatusForbidden},
		"deny/nothing":                 {"", http.StatusForbidden},
	} {
		b := s.latch.NewBrowser(t)
		b.Ask(t, "/.botlatch/", latchtest.Typed, nil)
		if a := b.Ask(t, "/.botlatch/token", latchtest.Followed, url.Values{"token": {c.token}}); a.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, a.StatusCode, c.status)
		}
		then := http.StatusUnauthorized
		if c.status == http.StatusOK {
			then = http.StatusOK
		}
		s.answers(t, b, "/act", latchtest.Fetch, then)
	}
}

// TestTheFormOnARefusalWorksAtOnce for who opens a page, is shown the form, and has never been at the doors' own page.
func TestTheFormOnARefusalWorksAtOnce(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	b := s.latch.NewBrowser(t)
	if a := b.Ask(t, "/", latchtest.Typed, nil); !strings.Contains(a.Text, `action="/.botlatch/token"`) {
		t.Fatal("there is no form")
	}
	token := s.mintFor(t, []string{s.latch.TLSURL}, "door:open")
	if a := b.Ask(t, "/.botlatch/token", latchtest.Followed, url.Values{"token": {token}}); a.StatusCode != http.StatusOK {
		t.Errorf("status %d", a.StatusCode)
	}
}

func TestMeSaysWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	ana := s.invited(t, "door:open", "observe")
	var me struct{ Sub, Name, Scope, Expires string }
	a := ana.Ask(t, "/.botlatch/me", latchtest.Fetch, nil)
	if err := json.Unmarshal([]byte(a.Text), &me); err != nil || me.Sub != "ana" || me.Scope != "door:open observe" || me.Expires == "" {
		t.Errorf("%v, %+v", err, me)
	}
	for name, fields := range map[string]map[string]string{"deny/foreign": latchtest.External, "deny/nobody": nil} {
		if a := ana.Ask(t, "/.botlatch/me", fields, nil); a.StatusCode != http.StatusUnauthorized || strings.Contains(a.Text, "ana") {
			t.Errorf("%s: status %d", name, a.StatusCode)
		}
	}
}
