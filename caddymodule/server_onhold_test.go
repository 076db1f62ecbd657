package caddymodule_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// tokenPanel is the owner's page, for who has an access token, too.
var tokenPanel = strings.Replace(panelSites, "\t\tsign_in {\n", "\t\taudience https://localhost:{$TLS_PORT}\n\t\tsign_in {\n\t\t\ttoken\n", 1)

// pasted is a browser that has shown a token.
func (s *stage) pasted(t *testing.T, token string) (*latchtest.Browser, latchtest.Answer) {
	t.Helper()
	b := s.latch.NewBrowser(t)
	b.Ask(t, "/.botlatch/", latchtest.Typed, nil)
	return b, b.Ask(t, "/.botlatch/token", latchtest.Followed, url.Values{"token": {token}})
}

func (s *stage) owners(t *testing.T) string {
	t.Helper()
	return s.mintFor(t, []string{s.latch.TLSURL}, "latch:operate")
}

// TestB23_AHoldLetsNobodyInAgain whose token was revoked: the panel is open on hold, and what a session rests on is asked there, too.
func TestB23_AHoldLetsNobodyInAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, tokenPanel)
	owner, a := s.pasted(t, s.owners(t))
	if a.StatusCode != http.StatusOK {
		t.Fatalf("signing in: status %d", a.StatusCode)
	}
	if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"kind":"subject","iss":"`+issuerName+`","value":"ana"}`); status >= 300 {
		t.Fatalf("%d: %s", status, answer)
	}
	if a := owner.Ask(t, "/", latchtest.Typed, nil); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("revoked: status %d", a.StatusCode)
	}
	s.press(t, http.MethodPost)
	if a := owner.Ask(t, "/", latchtest.Typed, nil); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("revoked, on hold: status %d", a.StatusCode)
	}
	if a := owner.Ask(t, "/.botlatch/me", latchtest.Fetch, nil); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("revoked, on hold, is somebody: status %d", a.StatusCode)
	}
	owner.Ask(t, "/press/resume", latchtest.Followed, url.Values{})
	if _, answer := s.latch.Ask(t, http.MethodGet, "/botlatch/hold", ""); !strings.Contains(answer, `"held":true`) {
		t.Errorf("who was revoked has resumed: %s", answer)
	}
}

// TestOnHoldTheOwnerSignsIn to resume: a hold is of the bots, and not of the doors.
func TestOnHoldTheOwnerSignsIn(t *testing.T) {
	t.Parallel()
	s := newStage(t, tokenPanel)
	s.press(t, http.MethodPost)
	_, a := s.pasted(t, s.owners(t))
	if a.StatusCode != http.StatusOK || !strings.Contains(a.Text, ">Resume<") {
		t.Errorf("status %d at %s", a.StatusCode, a.Request.URL.Path)
	}
}
