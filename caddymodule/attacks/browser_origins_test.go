package attacks_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

// attackFrom lets pages of attackers try every vector against a bot that ana is signed in at.
func (s *browserStage) attackFrom(t *testing.T, names ...string) map[string][]string {
	t.Helper()
	b, at := s.signedIn(t, "act"), s.startAttackers(t)
	for _, name := range names {
		s.attackAs(t, b, name, at[name]+"/blank")
	}
	return s.actedBy()
}

func TestB1_NoForeignPageMovesTheBotAndItsOwnDoes(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	if by := s.attackFrom(t, "foreign", "plain"); len(by) > 0 {
		t.Errorf("moved: %v", by)
	}
	s.attackAs(t, s.signedIn(t, "act"), "own", s.origin+"/")
	sameNames(t, "own", s.actedBy()["own"], all())
}

// TestB1_WithoutProvenanceSameSiteAloneHolds shows that these vectors prove nothing of provenance: SameSite=Strict stops all
// of them. http is another site, too (RFC 6265bis §5.2).
func TestB1_WithoutProvenanceSameSiteAloneHolds(t *testing.T) {
	t.Parallel()
	if by := newBrowserStage(t, withoutProvenance(t)).attackFrom(t, "foreign", "plain"); len(by) > 0 {
		t.Errorf("moved: %v", by)
	}
}

// TestB2_NoNeighbourMovesTheBot, though browsers send it the cookie.
func TestB2_NoNeighbourMovesTheBot(t *testing.T) {
	t.Parallel()
	if by := newBrowserStage(t).attackFrom(t, "sibling", "parent", "port"); len(by) > 0 {
		t.Errorf("moved: %v", by)
	}
}

// TestB2_WithoutProvenanceTheyDo all but one: a module is fetched with CORS, and without cookies from another origin.
func TestB2_WithoutProvenanceTheyDo(t *testing.T) {
	t.Parallel()
	by := newBrowserStage(t, withoutProvenance(t)).attackFrom(t, "sibling", "parent", "port")
	for _, attacker := range []string{"sibling", "parent", "port"} {
		sameNames(t, attacker, by[attacker], all("module"))
	}
}

func TestB7_AWebSocketOpensFromTheBotsOwnPageAlone(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	b, at := s.signedIn(t, "act"), s.startAttackers(t)
	at["own"] = s.origin
	for name, from := range at {
		b.open(from + "/")
		want := "refused"
		if name == "own" {
			want = "open"
		}
		if said := b.script(`new Promise((done) => {
			const socket = new WebSocket("wss://` + strings.TrimPrefix(s.origin, "https://") + `/live/socket")
			socket.onopen = () => done("open")
			socket.onerror = () => done("refused")
		})`); said != want {
			t.Errorf("%s: %s, want %s", name, said, want)
		}
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
