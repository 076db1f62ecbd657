package caddymodule_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// The issuer of the latches under test, and what its tokens are meant for.
const (
	issuerName = "https://id.example.com/"
	audience   = "https://bot.example.com"
)

// options are the global options of the latches under test.
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

// The challenges that do not depend on the rule.
const (
	notAccepted = `Bearer realm="botlatch", error="invalid_token", error_description="The access token is not accepted"`
	expired     = `Bearer realm="botlatch", error="invalid_token", error_description="The access token expired"`
	several     = `Bearer realm="botlatch", error="invalid_request", error_description="The request carries more than one token"`
	misplaced   = `Bearer realm="botlatch", error="invalid_request", error_description="Tokens are not accepted there; send one in the Authorization field"`
	malformed   = `Bearer realm="botlatch", error="invalid_request", error_description="The request does not hold one well-formed Bearer token"`
)

// stage is a bot, the real binary in front of it, and the key of the issuer that it knows.
type stage struct {
	bot   *latchtest.Bot
	latch *latchtest.Latch
	key   latchtest.Key

	silent bool // its sites say nothing of their metadata: off, or no issuer that a client could ask
}

// newStage starts a latch with options and sites, in which {$BOT} is the address of the bot.
func newStage(t *testing.T, sites string, env ...string) *stage {
	t.Helper()
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	s.latch = latchtest.Start(t, options+sites, append(env, "BOT="+s.bot.Address(), "KEYS="+s.key.File)...)
	return s
}

// mint issues a token of the issuer with scopes.
func (s *stage) mint(t *testing.T, scope ...string) string {
	t.Helper()
	return s.key.Mint(t, issue.Token{Issuer: issuerName, Subject: "ana", Audience: []string{audience}, Scope: scope})
}

// mintAt is mint, but at another time.
func (s *stage) mintAt(t *testing.T, at time.Time, scope ...string) string {
	t.Helper()
	token := issue.Token{Issuer: issuerName, Subject: "ana", Audience: []string{audience}, Scope: scope}
	raw, err := token.Sign(s.key.SigningKey, at)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// exchange is a request and the answer that it must get. 200 is the bot's; every other one is the latch's.
type exchange struct {
	method, path string // GET when empty
	host         string // of the URL when empty
	token        string // in the Authorization field, unless it is empty
	fields       http.Header
	status       int
	challenge    string
}

// check makes the exchange, and counts what reached the bot. It returns the body.
func (s *stage) check(t *testing.T, client *http.Client, base string, x exchange) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), x.method, base+x.path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if x.host != "" {
		req.Host = x.host
	}
	for name, values := range x.fields {
		req.Header[name] = values
	}
	if x.token != "" {
		req.Header.Add("Authorization", "Bearer "+x.token)
	}
	before := s.bot.Hits()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	s.compare(t, x, res, string(body), s.bot.Hits()-before)
	return string(body)
}

// compare asserts the answer, and that the bot was reached once or not at all.
func (s *stage) compare(t *testing.T, x exchange, res *http.Response, body string, hits int) {
	t.Helper()
	if res.StatusCode != x.status {
		t.Errorf("%s %s: status %d, want %d: %s", x.method, x.path, res.StatusCode, x.status, body)
	}
	if got, want := strings.Join(res.Header["Www-Authenticate"], "|"), x.challenge+s.pointer(x, res); got != want {
		t.Errorf("%s %s: challenge\n got %q\nwant %q", x.method, x.path, got, want)
	}
	want := 0
	if x.status == http.StatusOK {
		want = 1
	}
	if hits != want {
		t.Errorf("%s %s: %d requests reached the bot, want %d", x.method, x.path, hits, want)
	}
	if x.status != http.StatusOK {
		checkRefusal(t, x, res, body)
	}
}

// pointer is what a challenge says besides, on every site that has a name on this machine: where its metadata is (RFC 9728 §5.1).
func (s *stage) pointer(x exchange, res *http.Response) string {
	if x.challenge == "" || x.host != "" || s.silent {
		return ""
	}
	site := s.latch.URL
	if res.TLS != nil {
		site = s.latch.TLSURL
	}
	return `, resource_metadata="` + site + `/.well-known/oauth-protected-resource"`
}

// checkRefusal asserts that it was the latch that wrote the answer.
func checkRefusal(t *testing.T, x exchange, res *http.Response, body string) {
	t.Helper()
	if got := res.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("%s %s: Content-Type %q", x.method, x.path, got)
	}
	if got := res.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s %s: Cache-Control %q", x.method, x.path, got)
	}
	if x.token != "" && (strings.Contains(body, x.token) || latchtest.ShowsToken(body)) {
		t.Errorf("%s %s: the answer shows the token", x.method, x.path)
	}
	if x.method == http.MethodHead && body != "" {
		t.Errorf("HEAD %s has a body", x.path)
	}
}
