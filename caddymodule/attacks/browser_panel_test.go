package attacks_test

import (
	"net/http"
	"strings"
	"testing"
)

// panelSite is the owner's page.
const panelSite = `
https://lock.home.test:{$TLS_PORT} {
	bind 127.0.0.1
	tls {$CERT} {$KEY}
	log
	botlatch {
		sign_in {
			invite
		}
		panel scope latch:operate
	}
}
`

// TestAxeFindsNothingOnTheOwnersPanel while everything runs and on hold, and its buttons do what they say.
func TestAxeFindsNothingOnTheOwnersPanel(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t, func(s *browserStage) { s.site = panelSite })
	i := s.inspector(t)
	s.latch.Invite(t, "a guest who has not come yet", "observe")
	s.signIn(t, i.tab, "the owner", "latch:operate")
	i.open(s.origin + "/")
	i.inspect("panel", "Owner’s panel")
	i.press("button.stop")
	i.inspect("panel-on-hold", "On hold")
	if _, answer := s.latch.Ask(t, http.MethodGet, "/botlatch/hold", ""); !strings.Contains(answer, `"held":true`) {
		t.Errorf("not on hold: %s", answer)
	}
	i.press("button.resume")
	i.becomes("document.title", "Owner’s panel")
	i.press("form[action$=cancel-invitation] button")
	i.becomes("document.getElementById('invited').parentElement.innerText.includes('Nobody')", "true")
	i.press("form[action$=end-session] button") // the owner's own
	i.becomes("document.title", "Sign in")
}
