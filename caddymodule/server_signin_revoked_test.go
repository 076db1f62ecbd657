package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestWhoIsRevokedIsToldSoAndNothingIsBegun: an invitation of theirs is not used up, and is good when the entry has gone.
func TestWhoIsRevokedIsToldSoAndNothingIsBegun(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	entry := `{"kind":"subject","iss":"` + s.latch.TLSURL + `","value":"ana"}`
	if status, _ := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", entry); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	link := s.latch.Invite(t, "ana", "door:open")
	b := s.latch.NewBrowser(t)
	if a := b.Take(t, link); a.StatusCode != http.StatusForbidden || !strings.Contains(a.Text, "You are not let in any more") {
		t.Errorf("status %d: %s", a.StatusCode, a.Text)
	}
	s.answers(t, b, "/", latchtest.Typed, http.StatusUnauthorized)
	if _, sessions := s.latch.Ask(t, http.MethodGet, "/botlatch/sessions", ""); strings.Contains(sessions, `"sid"`) {
		t.Error("a session was begun")
	}
	if status, _ := s.latch.Ask(t, http.MethodDelete, "/botlatch/revocations", entry); status != http.StatusOK {
		t.Fatalf("taking the entry back: status %d", status)
	}
	if a := b.Take(t, link); a.StatusCode != http.StatusOK || a.Request.URL.Path != "/" {
		t.Errorf("taken back, and the invitation ends with %d at %s", a.StatusCode, a.Request.URL.Path)
	}
}
