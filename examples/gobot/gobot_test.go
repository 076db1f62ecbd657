package main

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/examples/uno"
)

func TestMain(m *testing.M) {
	code := latchtest.Main(m)
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// The scopes of the Caddyfile.
const (
	command = "robot:command"
	observe = "robot:observe"
	page    = "robot:page"
)

// door is the robot, as a path.
const door = "/api/robots/front%20door"

// place is one of the three places where Gobot acts.
type place struct {
	name, path, body string
	act              string
	angle            int
}

// places turn the servo one after the other, each to where it was not.
var places = []place{
	{"everything", "/api/commands/lock", `{}`, "manager.lock", closed},
	{"robot", door + "/commands/unlock", `{}`, "robot.unlock", open},
	{"device", door + "/devices/servo/commands/Move", `{"angle":90}`, "servo.Move", 90},
}

var methods = []string{"GET", "HEAD", "POST"}

// stage is the bot and a latch in front of it.
type stage struct {
	bot   *bot
	latch *latchtest.Latch
	key   latchtest.Key
}

// newStage starts the Caddyfile of this folder, with more rules in its site, in front of a bot.
func newStage(t *testing.T, b *bot, more string) *stage {
	t.Helper()
	text, err := os.ReadFile("Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	const begin = "127.0.0.1\n\tbotlatch {\n"
	caddyfile := strings.Replace(string(text), begin, begin+more, 1)
	if more != "" && caddyfile == string(text) {
		t.Fatal("the Caddyfile has no place for more rules")
	}
	s := &stage{bot: b, key: latchtest.NewKey(t, jose.EdDSA), latch: latchtest.Prepare(t, caddyfile)}
	where, err := url.Parse(s.latch.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.latch.Setenv("BOT_KEYS", s.key.File)
	s.latch.Setenv("BOT_UPSTREAM", strings.TrimPrefix(b.url, "http://"))
	s.latch.Setenv("BOT_ADMIN", "unix/"+s.latch.Admin+"|0600")
	s.latch.Setenv("LATCH_PORT", where.Port())
	s.latch.Run()
	return s
}

// token is one with these scopes.
func (s *stage) token(t *testing.T, scopes ...string) string {
	t.Helper()
	return s.key.Mint(t, issue.Token{
		Issuer: "me", Audience: []string{"gobot"}, Subject: "ana", Scope: scopes, TTL: time.Hour,
	})
}

// allow asserts that the request reaches the bot once and begins one command, and that the servo gets there.
func (s *stage) allow(t *testing.T, method, path string, p place) {
	t.Helper()
	var got answer
	r := request{method, s.latch.URL + path, s.token(t, command), p.body}
	requests, acts := s.bot.during(t, func() { got = ask(t, r) })
	if got.status != 200 || len(requests) != 1 || !slices.Equal(acts, []string{p.act}) {
		t.Errorf("%s %s: %+v, the bot got %q and did %q", method, path, got, requests, acts)
	}
	if s.bot.board != nil {
		s.bot.board.Settled(9, uno.WidthAt(p.angle))
	}
}

// deny asserts that none of the requests reaches the bot; what the latch answers, check looks at.
func (s *stage) deny(t *testing.T, rs []request, check func(*testing.T, request, answer)) {
	t.Helper()
	before := s.bot.moves(t)
	requests, acts := s.bot.during(t, func() {
		for _, r := range rs {
			r.url = s.latch.URL + r.url
			got := ask(t, r)
			if got.kind != "application/problem+json" {
				t.Errorf("%s %s: %+v is not the latch's", r.method, r.url, got)
			}
			check(t, r, got)
		}
	})
	if len(requests)+len(acts) != 0 {
		t.Errorf("the bot got %q and did %q", requests, acts)
	}
	if after := s.bot.moves(t); after != before {
		t.Errorf("the servo moved %d times", after-before)
	}
}

func TestStockGobotBehindTheLatch(t *testing.T) {
	t.Parallel()
	s := newStage(t, startBot(t), "")
	s.allow(t, "POST", door+"/devices/servo/commands/ToMin", place{"", "", `{}`, "servo.ToMin", 0}) // there are pulses to count
	s.tryPlaces(t)
	s.trySpellings(t)
	if log := s.latch.Log(); !strings.Contains(log, `"insufficient_scope"`) || !strings.Contains(log, `"no_credentials"`) {
		t.Errorf("the log does not say why requests were denied:\n%s", log) // latchtest looks for tokens in it
	}
}

// tryPlaces asks for each act by each method.
func (s *stage) tryPlaces(t *testing.T) {
	for _, p := range places {
		for _, method := range methods {
			t.Run("deny/"+p.name+"/"+method, func(t *testing.T) {
				nobody, other := request{method, p.path, "", p.body}, request{method, p.path, s.token(t, observe, page), p.body}
				s.deny(t, []request{nobody, other}, func(t *testing.T, r request, got answer) {
					want := answer{status: 401, challenge: `Bearer realm="botlatch", scope="robot:command"`}
					if r.token != "" {
						want = answer{status: 403, challenge: `Bearer realm="botlatch", error="insufficient_scope", scope="robot:command"`}
					}
					if got.status != want.status || !strings.HasPrefix(got.challenge, want.challenge) {
						t.Errorf("%d %s, want %+v", got.status, got.challenge, want)
					}
				})
			})
		}
	}
	for _, method := range methods {
		for _, p := range places {
			t.Run("ok/"+p.name+"/"+method, func(t *testing.T) {
				before := s.bot.moves(t)
				s.allow(t, method, p.path, p)
				if moved := s.bot.moves(t) - before; moved != 1 {
					t.Errorf("the servo moved %d times", moved)
				}
			})
		}
	}
}
