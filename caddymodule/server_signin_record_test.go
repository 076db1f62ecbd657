package caddymodule_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestAttemptsToSignInAreCounted by door and result.
func TestAttemptsToSignInAreCounted(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	b := s.invited(t, "observe")
	b.Ask(t, "/.botlatch/in", latchtest.Typed, nil)
	b.Ask(t, "/.botlatch/in", latchtest.Followed, url.Values{"secret": {"AAAAAAAAAAAAAAAAAAAAAA"}})
	b.Ask(t, "/.botlatch/", latchtest.Typed, nil)
	b.Ask(t, "/.botlatch/token", latchtest.Followed, url.Values{"token": {"x"}})
	text, _ := s.metrics(t)
	for _, want := range []string{
		`botlatch_sign_ins_total{door="invite",result="success"} 1`,
		`botlatch_sign_ins_total{door="invite",result="refused"} 1`,
		`botlatch_sign_ins_total{door="token",result="refused"} 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	s.latch.Stop() // then all of the log is there
	for _, door := range []string{"invite", "token"} {
		if !strings.Contains(s.latch.Log(), `"msg":"sign-in failed","door":"`+door+`","client_ip":"`) {
			t.Errorf("no log line says who was not let in by %s", door)
		}
	}
}

// TestSessionsAreEvents of Caddy's events app, and audit lines, without a name.
func TestSessionsAreEvents(t *testing.T) {
	t.Parallel()
	s := newStage(t, signInSite)
	s.latch.Stop()
	s.latch.Rewrite(strings.Replace(options, "auto_https off", "auto_https off\n\tdebug", 1) + signInSite)
	s.latch.Run()
	b := s.latch.NewBrowser(t)
	b.Take(t, s.latch.Invite(t, "somebody-by-name", "observe"))
	b.Ask(t, "/.botlatch/out", latchtest.Followed, url.Values{})
	if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/session_keys", "{}"); status != http.StatusOK {
		t.Fatalf("%d: %s", status, answer)
	}
	s.latch.Stop() // then all of the log is there
	for _, event := range []string{"invitation_made", "session_started", "session_ended", "token_revoked", "session_keys_rotated"} {
		if !strings.Contains(s.latch.Log(), `"msg":"event","name":"`+event+`"`) {
			t.Errorf("the log does not show the event %s", event)
		}
	}
	for line := range strings.Lines(s.latch.Log()) {
		if strings.Contains(line, "somebody-by-name") && !strings.Contains(line, `"user_id"`) {
			t.Error("a line of ours shows a name")
		}
	}
}
