package attacks_test

import (
	"encoding/base64"
	"testing"
)

// TestB1B2B7_NoVectorOfAnotherOriginMovesTheBot, whoever sent the cookie along.
func TestB1B2B7_NoVectorOfAnotherOriginMovesTheBot(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	b := s.signedIn(t, "act")
	for name, at := range s.startAttackers(t) {
		s.attackAs(t, b, name, at+"/blank")
	}
	if acts := s.bot.acted(); len(acts) > 0 {
		t.Errorf("moved: %v", acts)
	}
	s.attackAs(t, b, "own", s.origin+"/")
	sameNames(t, "own", s.actedBy()["own"], all())
}

// TestB1B2B7_WithoutProvenanceTheyDo shows what SameSite=Strict alone holds: other sites. A sibling, the parent domain and
// another port are the same site. A module is fetched with CORS, and without cookies from another origin.
func TestB1B2B7_WithoutProvenanceTheyDo(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t, withoutProvenance(t))
	b := s.signedIn(t, "act")
	for name, at := range s.startAttackers(t) {
		s.attackAs(t, b, name, at+"/blank")
	}
	by := s.actedBy()
	for attacker, want := range map[string][]string{
		"foreign": nil, "plain": nil, "sibling": all("module"), "parent": all("module"), "port": all("module"),
	} {
		sameNames(t, attacker, by[attacker], want)
	}
}

// bounceAll sends every vector from the bot's own page to another site, which sends it back. A WebSocket follows no redirect.
func (s *browserStage) bounceAll(t *testing.T) map[string][]string {
	t.Helper()
	b, at := s.signedIn(t, "act"), s.startAttackers(t)
	for attacker, bounce := range map[string]string{"foreign": "/bounce/", "sibling": "/bounce-whole/", "port": "/bounce/"} {
		name := func(v vector) string { return "/act/" + attacker + "-" + v.name }
		s.attack(t, b, s.origin+"/", func(v vector) string {
			if v.name == "websocket" {
				return ""
			}
			return at[attacker] + bounce + base64.RawURLEncoding.EncodeToString([]byte(s.origin+name(v)))
		}, name)
	}
	return s.actedBy()
}

// TestB3_NoBounceMovesTheBot: a stranger's picture or link on the bot's page, whose address leads back.
func TestB3_NoBounceMovesTheBot(t *testing.T) {
	t.Parallel()
	if by := newBrowserStage(t).bounceAll(t); len(by) > 0 {
		t.Errorf("moved: %v", by)
	}
}

func TestB3_WithoutProvenanceTheyDo(t *testing.T) {
	t.Parallel()
	by := newBrowserStage(t, withoutProvenance(t)).bounceAll(t)
	for _, attacker := range []string{"foreign", "sibling", "port"} {
		sameNames(t, attacker, by[attacker], all("websocket", "module"))
	}
}
