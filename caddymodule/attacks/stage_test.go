package attacks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// The issuer of most latches under test, and what its tokens are meant for.
const (
	issuerName = "https://id.example.com/"
	audience   = "https://bot.example.com"
)

// options are global options: one issuer, whose keys are {$KEYS}.
const options = `{
	admin {$ADMIN}
	auto_https off
	botlatch {
		issuer ` + issuerName + ` {
			keys static {$KEYS}
			audience ` + audience + `
		}
	}
}
`

// site is the most that a careless owner may grant: everything may be read, but for what moves. Whoever makes the latch
// misread the path of an act falls through to the last rule.
const site = `
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		public GET /healthz
		allow GET,POST /servo/* scope drive
		allow GET,WS /drive scope drive
		allow GET /** scope observe
	}
	reverse_proxy {$BOT}
}
`

// stage is a bot, the real binary in front of it, and the key of the issuer that it knows.
type stage struct {
	bot   *latchtest.Bot
	latch *latchtest.Latch
	key   latchtest.Key
}

// newStage starts a latch with a Caddyfile, in which {$BOT} is the address of the bot and {$KEYS} the file of the key.
func newStage(t *testing.T, caddyfile string, env ...string) *stage {
	t.Helper()
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Start(t, caddyfile, append(env, "BOT="+s.bot.Address(), "KEYS="+s.key.File)...)
	return s
}

// address is where the latch listens without TLS, host:port.
func (s *stage) address() string { return strings.TrimPrefix(s.latch.URL, "http://") }

// token is one of ana's, with scopes.
func (s *stage) token(t *testing.T, scope ...string) string {
	t.Helper()
	return s.key.Mint(t, issue.Token{Issuer: issuerName, Subject: "ana", Audience: []string{audience}, Scope: scope})
}

// words are what wires may say: {observer} and {driver} are tokens, {host} is the address of the latch, {act} a path that
// moves something and {read} one that does not.
func (s *stage) words(t *testing.T) *strings.Replacer {
	t.Helper()
	return strings.NewReplacer("{observer}", s.token(t, "observe"), "{driver}", s.token(t, "drive"), "{host}", s.address(),
		"{act}", "/servo/10", "{read}", "/status")
}

// An attack is one connection's worth of bytes that must not reach the bot.
type attack struct {
	name   string
	wire   string // line feeds become CRLF
	status int    // of the refusal; 0: any of 400 and above, or no answer
}

// refuses sends each attack on a connection of its own: refused, and nothing moved. Afterwards the latch must still let
// the honest in, because a latch that refuses everybody proves nothing.
func (s *stage) refuses(t *testing.T, attacks ...attack) {
	t.Helper()
	words := s.words(t)
	for _, a := range attacks {
		before := s.bot.Hits()
		got := send(t, s.address(), words.Replace(a.wire))
		switch {
		case a.status != 0 && got.status != a.status, a.status == 0 && got.status > 0 && got.status < 400:
			t.Errorf("%s: status %d, want %d: %s", a.name, got.status, a.status, got.body)
		case s.settled(before) != before:
			t.Errorf("%s: the bot was reached: %s %s", a.name, s.bot.Last().Method, s.bot.Last().RequestURI)
		}
	}
	s.honest(t)
}

// settled is how many requests reached the bot. A request that slips through behind its answer gets a moment to do so.
func (s *stage) settled(before int) int {
	for range 5 {
		if hits := s.bot.Hits(); hits != before {
			return hits
		}
		time.Sleep(time.Millisecond)
	}
	return s.bot.Hits()
}

// honest drives the bot with the token for it.
func (s *stage) honest(t *testing.T) {
	t.Helper()
	before := s.bot.Hits()
	got := send(t, s.address(), s.words(t).Replace("GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n\n"))
	if got.status != 200 || s.bot.Hits() != before+1 {
		t.Errorf("an honest request got %d, and the bot %d requests: %s", got.status, s.bot.Hits()-before, got.body)
	}
}
