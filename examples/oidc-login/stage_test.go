// Package login_test has people sign in at a real OpenID provider, in real Chromium, to a bot that knows nothing of it.
package login_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/examples/uno/npm"
)

func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }

// stage is the three programs of this example.
type stage struct {
	latch    *latchtest.Latch
	bot      *npm.Process
	provider *npm.Process // nil: it does not run
	origin   string       // of the lock
	issuer   string
	key      string // file of the provider's key
}

// newStage starts the example. With replacements its Caddyfile says something else: old, new, old, new.
func newStage(t *testing.T, replace ...string) *stage {
	t.Helper()
	s := prepareStage(t, replace...)
	s.latch.Run()
	return s
}

// prepareStage is newStage without the latch.
func prepareStage(t *testing.T, replace ...string) *stage {
	t.Helper()
	latchtest.Need(t, "chromium", "node", "npm")
	s := &stage{latch: latchtest.Prepare(t, caddyfile(t, replace...)), key: filepath.Join(t.TempDir(), "provider.jwk")}
	s.origin = s.latch.TLSURL
	s.bot = program.Start(t, "bot.js", "PORT=0")
	s.startProvider(t, latchtest.FreePort(t))
	s.issuer = s.provider.URL
	for name, value := range map[string]string{
		"LOCK_SITE": s.origin, "LOCK_ISSUER": s.issuer, "LOCK_KEYS": s.key + "s.json", "LOCK_TLS": s.file("cert.pem") + " " + s.file("key.pem"),
		"LOCK_UPSTREAM": strings.TrimPrefix(s.bot.URL, "http://"), "LOCK_ADMIN": "unix/" + s.latch.Admin + "|0600",
	} {
		s.latch.Setenv(name, value)
	}
	return s
}

// caddyfile is the one of this folder, changed.
func caddyfile(t *testing.T, replace ...string) string {
	t.Helper()
	b, err := os.ReadFile("Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("the Caddyfile does not say %q", replace[i])
		}
		text = strings.ReplaceAll(text, replace[i], replace[i+1])
	}
	return text
}

func (s *stage) file(name string) string { return filepath.Join(s.latch.Dir, name) }

// startProvider starts the provider on a port.
func (s *stage) startProvider(t *testing.T, port string) {
	t.Helper()
	s.provider = program.Start(t, "provider.js", "PORT="+port, "SITE="+s.origin, "KEY="+s.key, "SECRET="+secret)
}

// killProvider leaves nobody where the provider was.
func (s *stage) killProvider() {
	s.provider.Kill()
	s.provider = nil
}

// restartProvider starts it where it was.
func (s *stage) restartProvider(t *testing.T) {
	t.Helper()
	_, port, err := net.SplitHostPort(s.host())
	if err != nil {
		t.Fatal(err)
	}
	s.startProvider(t, port)
}

// host is what pages call the provider.
func (s *stage) host() string { return strings.TrimPrefix(s.issuer, "http://") }

// told is what the bot says of itself, past the latch.
type told struct{ Acts, Watchers int }

func (s *stage) asked(t *testing.T) (bot told) {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(s.bot.URL + "/acts")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(&bot); err != nil {
		t.Fatal(err)
	}
	return bot
}

// acted asserts how often the bot has acted.
func (s *stage) acted(t *testing.T, want int) {
	t.Helper()
	if got := s.asked(t).Acts; got != want {
		t.Errorf("the bot acted %d times, want %d", got, want)
	}
}

// watched waits until so many streams are open at the bot.
func (s *stage) watched(t *testing.T, want int) {
	t.Helper()
	var got int
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got = s.asked(t).Watchers; got == want {
			return
		}
	}
	t.Errorf("%d streams are open at the bot, want %d", got, want)
}

// sessions is how many the latch knows of.
func (s *stage) sessions(t *testing.T) int {
	t.Helper()
	status, answer := s.latch.Ask(t, http.MethodGet, "/botlatch/sessions", "")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	return strings.Count(answer, `"sid"`)
}

// queryOf is a parameter of a URL.
func queryOf(t *testing.T, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("no URL")
	}
	return u.Query().Get(name)
}
