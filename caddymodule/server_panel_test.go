package caddymodule_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

const panelSites = `https://localhost:{$TLS_PORT} {
	tls {$CERT} {$KEY}
	botlatch {
		sign_in {
			invite
		}
		panel scope latch:operate
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow GET /door scope door:open
	}
	reverse_proxy {$BOT}
}
`

func TestTheOwnerStopsEverythingAndResumes(t *testing.T) {
	t.Parallel()
	s := newStage(t, panelSites)
	owner, guest := s.invited(t, "latch:operate"), s.latch.NewBrowser(t)
	guest.Take(t, s.latch.Invite(t, "a guest of the house", "door:open"))
	token := s.mint(t, "door:open")
	door := func(status int) {
		t.Helper()
		s.check(t, http.DefaultClient, s.latch.URL, exchange{method: http.MethodGet, path: "/door", token: token, status: status})
	}
	door(http.StatusOK)
	page := owner.Ask(t, "/", latchtest.Typed, nil)
	for _, want := range []string{"Everything is running", "Stop everything", "a guest of the house", "Sign out", "<svg"} {
		if page.StatusCode != http.StatusOK || !strings.Contains(page.Text, want) {
			t.Errorf("status %d; the page lacks %q", page.StatusCode, want)
		}
	}
	if a := owner.Ask(t, "/press/hold", latchtest.Followed, url.Values{}); a.StatusCode != http.StatusOK || !strings.Contains(a.Text, "Everything is on hold") {
		t.Errorf("hold: status %d", a.StatusCode)
	}
	door(http.StatusServiceUnavailable)
	if a := owner.Ask(t, "/", latchtest.Typed, nil); !strings.Contains(a.Text, ">Resume<") {
		t.Error("on hold, the owner cannot resume")
	}
	if a := owner.Ask(t, "/press/resume", latchtest.Followed, url.Values{}); !strings.Contains(a.Text, "Everything is running") {
		t.Errorf("resume: status %d", a.StatusCode)
	}
	door(http.StatusOK)
}

// TestB21_NobodyElsePressesTheOwnersButtons not even the bot's page, on another port of the host.
func TestB21_NobodyElsePressesTheOwnersButtons(t *testing.T) {
	t.Parallel()
	s := newStage(t, panelSites)
	owner, guest := s.invited(t, "latch:operate"), s.latch.NewBrowser(t)
	guest.Take(t, s.latch.Invite(t, "guest", "door:open"))
	for name, c := range map[string]struct {
		browser *latchtest.Browser
		path    string
		fields  map[string]string
		form    url.Values
		status  int
	}{
		"deny/guest":          {guest, "/", latchtest.Typed, nil, http.StatusForbidden},
		"deny/guest presses":  {guest, "/press/hold", latchtest.Followed, url.Values{}, http.StatusForbidden},
		"deny/stranger":       {s.latch.NewBrowser(t), "/press/hold", latchtest.Followed, url.Values{}, http.StatusUnauthorized},
		"deny/foreign page":   {owner, "/press/hold", latchtest.External, url.Values{}, http.StatusUnauthorized},
		"deny/sibling's form": {owner, "/press/hold", map[string]string{"Sec-Fetch-Site": "same-site"}, url.Values{}, http.StatusUnauthorized},
		"deny/GET":            {owner, "/press/hold", latchtest.Followed, nil, http.StatusForbidden},
		"deny/unknown button": {owner, "/press/everything", latchtest.Followed, url.Values{}, http.StatusForbidden},
	} {
		if a := c.browser.Ask(t, c.path, c.fields, c.form); a.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, a.StatusCode, c.status)
		}
	}
	if _, answer := s.latch.Ask(t, http.MethodGet, "/botlatch/hold", ""); !strings.Contains(answer, `"held":false`) {
		t.Errorf("somebody pressed: %s", answer)
	}
}

// TestTheAuditTellsOwnersApart without naming them.
func TestTheAuditTellsOwnersApart(t *testing.T) {
	t.Parallel()
	s := newStage(t, panelSites)
	ana, ben := s.invited(t, "latch:operate"), s.invited(t, "latch:operate")
	ana.Ask(t, "/press/hold", latchtest.Followed, url.Values{})
	ben.Ask(t, "/press/hold", latchtest.Followed, url.Values{})
	who := make(map[string]bool)
	for line := range strings.Lines(s.latch.Log()) {
		if _, by, ok := strings.Cut(line, `"by":"the owner's panel`); ok && strings.Contains(line, `"msg":"held"`) {
			by, _, _ = strings.Cut(by, `"`)
			who[by] = true
		}
	}
	if len(who) != 2 || who[""] {
		t.Errorf("two owners held: %v", who)
	}
}
