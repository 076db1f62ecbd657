package page_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/botapi/sim"
	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }

// stage is a bot, the Caddyfile of this folder in front of it, and the key of the issuer that it knows. Page and bot have one
// port and two host names, which makes two origins.
type stage struct {
	bot   *openBot
	latch *latchtest.Latch
	key   latchtest.Key
	page  string // where the page is
}

func newStage(t *testing.T) *stage {
	t.Helper()
	text, err := os.ReadFile("Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{bot: startBot(t), key: latchtest.NewKey(t, jose.EdDSA), latch: latchtest.Prepare(t, string(text))}
	where, err := url.Parse(s.latch.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.page = "http://localhost:" + where.Port()
	for name, value := range map[string]string{
		"PAGE_SITE": s.page, "PAGE_FILES": files, "BOT_SITE": s.latch.URL, "BIND": "127.0.0.1", "BOT_KEYS": s.key.File,
		"BOT_UPSTREAM": strings.TrimPrefix(s.bot.URL, "http://"), "BOT_ADMIN": "unix/" + s.latch.Admin + "|0600",
	} {
		s.latch.Setenv(name, value)
	}
	s.latch.Run()
	return s
}

// mint issues a token of ana with scopes.
func (s *stage) mint(t *testing.T, scope ...string) string {
	t.Helper()
	return s.key.Mint(t, issue.Token{Issuer: "me", Subject: "ana", Scope: scope, TTL: time.Hour})
}

// openBot is the robot, which lets every page read everything, as many do. It counts what reaches it, by method.
type openBot struct {
	*httptest.Server

	mu   sync.Mutex
	hits map[string]int
}

func startBot(t *testing.T) *openBot {
	t.Helper()
	robot := botapi.New(sim.New())
	if err := robot.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = robot.Stop() })
	api, b := robot.Handler(), &openBot{hits: make(map[string]int)}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.hits[r.Method+" "+r.URL.Path]++
		b.mu.Unlock()
		w.Header().Set("Access-Control-Allow-Origin", "*")
		api.ServeHTTP(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

// reached is how often a request reached the bot.
func (b *openBot) reached(request string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.hits[request]
}
