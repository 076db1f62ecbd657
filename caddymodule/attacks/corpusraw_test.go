package attacks_test

import (
	"net/http"
	"strings"
	"testing"
)

// routed are the acts of the raw router and of the bot on http.ServeMux.
var routed = []deed{{http.MethodGet, "/servo/10"}, {http.MethodGet, "/first%20door/kiss"}, {http.MethodPost, "/gripper"}}

// routedRules is what guards them.
const routedRules = `
	public GET /healthz
	allow GET,POST /servo/* /first%20door/kiss scope drive
	allow POST /gripper scope drive
`

// guarded puts rules before the bot at {$ROUTER} on four sites: with "GET /** scope observe" behind them, without TLS and
// with it; without that, so that most requests meet no rule; and read leniently, to see what strict reading is good for.
func guarded(rules string) string {
	site := func(address, more, latch string) string {
		return address + " {\n\tbind 127.0.0.1\n\t" + more + "\n\tbotlatch {\n" + rules + latch + "\n}\n\treverse_proxy {$ROUTER}\n}\n"
	}
	const broad = "\tallow GET /** scope observe\n"
	return options + site("http://127.0.0.1:{$PORT}", "", broad) + site("https://localhost:{$TLS_PORT}", "tls {$CERT} {$KEY}", broad) +
		site("http://narrow.test:{$PORT}", "", "") + site("http://lenient.test:{$PORT}", "", broad+"\tinsecure_lenient_path\n")
}

// galleries are the ways to a site without the scope to act: with the token to observe, without a token, and with a token
// where no rule gives it anything.
func (s *stage) galleries(t *testing.T) map[string]gallery {
	t.Helper()
	port := s.address()[strings.LastIndexByte(s.address(), ':'):]
	return map[string]gallery{
		"without the scope": {s.address(), s.address(), s.token(t, "observe")},
		"without a token":   {s.address(), s.address(), ""},
		"without a rule":    {s.address(), "narrow.test" + port, s.token(t, "observe")},
		"leniently":         {s.address(), "lenient.test" + port, s.token(t, "observe")},
	}
}

// A mover is a bot that says what acted, in words, and how many requests reached it since it was asked last.
type mover interface {
	since(t *testing.T) (acts []string, reached int)
}

// holds shoots at a bot from every gallery: nothing acts, and the shots get as far as they have to for that to mean
// something. Deeds, written plainly, act first: each once.
func (s *stage) holds(t *testing.T, bot mover, deeds []deed) {
	t.Helper()
	honest := gallery{s.address(), s.address(), s.token(t, "drive")}.shoot(t, plainly(deeds))
	if acts, _ := bot.since(t); len(acts) != len(deeds) || honest.of(200) != len(deeds) {
		t.Fatalf("honest requests made %d acts, want %d: %v", len(acts), len(deeds), acts)
	}
	shots := corpus(deeds)
	if n := targets(shots); n < enough {
		t.Fatalf("%d distinct targets, want %d", n, enough)
	}
	shots = each(t, shots, stride)
	many := len(shots) / 50
	for name, g := range s.galleries(t) {
		if name == "leniently" {
			continue
		}
		n := g.shoot(t, shots)
		acts, reached := bot.since(t)
		t.Logf("%s: %d requests reached the bot", name, reached)
		for _, a := range acts {
			t.Errorf("%s: %s", name, a)
		}
		var enough bool
		switch name {
		case "without the scope":
			enough = n.of(403) > many && n.of(400) > 10*many && reached > 5*many
		case "without a token":
			enough = n.of(401) > 5*many && reached < many
		case "without a rule":
			enough = n.of(403) > 5*many && reached < many
		}
		if !enough {
			t.Errorf("%s: %v, %d reached the bot: the shots miss", name, n, reached)
		}
	}
}

// plainly are the deeds themselves.
func plainly(deeds []deed) (shots []shot) {
	for _, a := range deeds {
		shots = append(shots, shot{method: a.method, target: a.path})
	}
	return shots
}

func TestNoSpellingOfAnActMovesTheRawRouter(t *testing.T) {
	t.Parallel()
	router := startRawRouter(t)
	s := newStage(t, guarded(routedRules), "ROUTER="+router.address)
	s.holds(t, router, routed)
	// What strict reading is good for, and that this test can fail: read leniently, the same shots act.
	shots := each(t, corpus(routed), stride)
	s.galleries(t)["leniently"].shoot(t, shots)
	acts, _ := router.since(t)
	t.Logf("read leniently, %d of %d shots act", len(acts), len(shots))
	if len(acts) < len(shots)/20 {
		t.Errorf("read leniently, %d of %d shots act: they are too tame", len(acts), len(shots))
	}
}
