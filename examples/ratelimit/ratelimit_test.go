package ratelimit_test

import (
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// What the Caddyfile allows in a minute.
const (
	perClient = 60
	perCaller = 5
)

// proxy is the address that the latch trusts; others of loopback are clients.
const proxy = "127.0.0.1"

// stage is a latch with the Caddyfile of this folder and the plugin in it.
type stage struct {
	bot   *latchtest.Bot
	latch *latchtest.Latch
	key   latchtest.Key
}

// newStage starts it with the Caddyfile as it is, or changed by pairs of old and new text.
func newStage(t *testing.T, change ...string) *stage {
	t.Helper()
	text, err := os.ReadFile("Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	changed := string(text)
	for i := 0; i < len(change); i += 2 {
		if strings.Count(changed, change[i]) != 1 {
			t.Fatalf("the Caddyfile has not one %q", change[i])
		}
		changed = strings.Replace(changed, change[i], change[i+1], 1)
	}
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Prepare(t, changed, "BOT_KEYS="+s.key.File, "BOT_UPSTREAM="+s.bot.Address(), "BOT_BIND=127.0.0.1",
		"TRUSTED_PROXY="+proxy)
	s.latch.Program = built
	s.latch.Setenv("BOT_SITE", s.latch.URL)
	s.latch.Setenv("BOT_ADMIN", "unix/"+s.latch.Admin+"|0600")
	s.latch.Run()
	return s
}

func (s *stage) mint(t *testing.T, subject string) string {
	t.Helper()
	return s.key.Mint(t, issue.Token{Issuer: "me", Subject: subject, Audience: []string{"bot"}, Scope: []string{"observe", "door:open"}})
}

// ask sends a request from an address of loopback, and asserts the answer and whether the bot was reached.
func (s *stage) ask(t *testing.T, from, forwarded, method, path, token string, status int) {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: dialer.DialContext}}
	req, err := http.NewRequestWithContext(t.Context(), method, s.latch.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if forwarded != "" {
		req.Header.Set("X-Forwarded-For", forwarded)
	}
	before := s.bot.Hits()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != status || (s.bot.Hits() > before) != (status == http.StatusOK) {
		t.Fatalf("%s %s from %s (%s): status %d, want %d; %d requests reached the bot",
			method, path, from, forwarded, res.StatusCode, status, s.bot.Hits()-before)
	}
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if wait := status == http.StatusTooManyRequests; wait && (err != nil || seconds < 1 || seconds > 61) || !wait && err == nil {
		t.Errorf("status %d, Retry-After %q", status, res.Header.Get("Retry-After"))
	}
}

// fill asks until the limit of a client is reached. forwarded may differ each time.
func (s *stage) fill(t *testing.T, from string, forwarded func(i int) string) {
	t.Helper()
	for i := range perClient {
		s.ask(t, from, forwarded(i), http.MethodPost, "/door/unlock", "not.a.token", http.StatusUnauthorized)
	}
}

func TestLimitsOfTheCaddyfile(t *testing.T) {
	build(t)
	t.Run("guesses of one client", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.fill(t, "127.0.0.11", func(int) string { return "" })
		s.ask(t, "127.0.0.11", "", "POST", "/door/unlock", "not.a.token", 429)
		s.ask(t, "127.0.0.11", "", "POST", "/door/unlock", s.mint(t, "ana"), 429)
		s.ask(t, "127.0.0.12", "", "POST", "/door/unlock", s.mint(t, "ana"), 200)
		s.ask(t, "127.0.0.12", "", "POST", "/door/unlock", "not.a.token", 401)
	})
	t.Run("a client cannot choose its key", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		other := func(i int) string { return "203.0.113." + strconv.Itoa(i) }
		s.fill(t, "127.0.0.11", other)
		s.ask(t, "127.0.0.11", "203.0.113.200", "POST", "/door/unlock", "not.a.token", 429)
		// What a proxy adds stands last.
		s.fill(t, proxy, func(i int) string { return other(i) + ", 198.51.100.4" })
		s.ask(t, proxy, "203.0.113.200, 198.51.100.4", "POST", "/door/unlock", "not.a.token", 429)
		s.ask(t, proxy, "198.51.100.4", "POST", "/door/unlock", "not.a.token", 429)
		s.ask(t, proxy, "198.51.100.5", "POST", "/door/unlock", "not.a.token", 401)
	})
	t.Run("without strict a client chooses its key", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "\t\ttrusted_proxies_strict\n", "")
		s.fill(t, proxy, func(i int) string { return "203.0.113." + strconv.Itoa(i) + ", 198.51.100.4" })
		s.ask(t, proxy, "203.0.113.200, 198.51.100.4", "POST", "/door/unlock", "not.a.token", 401)
	})
	t.Run("acts of one caller, wherever from", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		for i := range perCaller {
			s.ask(t, "127.0.0."+strconv.Itoa(20+i), "", "POST", "/door/unlock", s.mint(t, "ana"), 200)
		}
		s.ask(t, "127.0.0.40", "", "POST", "/door/unlock", s.mint(t, "ana"), 429)
		s.ask(t, "127.0.0.40", "", "GET", "/door", s.mint(t, "ana"), 200)
		s.ask(t, "127.0.0.40", "", "POST", "/door/unlock", s.mint(t, "ben"), 200)
	})
	// Why the Caddyfile has a route: the plugin and the latch both sort themselves before basic_auth.
	t.Run("without route guesses are not limited", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "\troute {\n", "", "127.0.0.1:3000}\n\t}\n", "127.0.0.1:3000}\n")
		s.fill(t, "127.0.0.11", func(int) string { return "" })
		s.ask(t, "127.0.0.11", "", "POST", "/door/unlock", "not.a.token", 401)
	})
	// The plugin's refusal is an error, unlike the latch's: an error route that proxies must not carry it to the bot.
	t.Run("an error route does not reach the bot", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "\troute {\n", "\thandle_errors {\n\t\treverse_proxy {$BOT_UPSTREAM}\n\t}\n\troute {\n")
		s.fill(t, "127.0.0.11", func(int) string { return "" })
		s.ask(t, "127.0.0.11", "", "POST", "/door/unlock", "not.a.token", 429)
	})
}
