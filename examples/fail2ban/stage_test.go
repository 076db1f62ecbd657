package fail2ban_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }

// proxy is the address that the latch trusts; others of loopback are clients.
const proxy = "127.0.0.1"

// stage is a latch with the Caddyfile of this folder, and the file that fail2ban reads.
type stage struct {
	bot     *latchtest.Bot
	latch   *latchtest.Latch
	key     latchtest.Key
	denials string
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
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA), denials: filepath.Join(t.TempDir(), "denials.log")}
	s.latch = latchtest.Prepare(t, changed, "BOT_KEYS="+s.key.File, "BOT_UPSTREAM="+s.bot.Address(), "BOT_BIND=127.0.0.1",
		"DENIALS="+s.denials, "TRUSTED_PROXY="+proxy)
	s.latch.Setenv("BOT_SITE", s.latch.URL)
	s.latch.Setenv("BOT_ADMIN", "unix/"+s.latch.Admin+"|0600")
	s.latch.Run()
	return s
}

// request is what a client sends, from an address of loopback, and the status that it gets.
type request struct {
	from, method, path string // GET /door when empty
	token              string
	fields             http.Header
	status             int
}

// send makes the request, and asserts that the bot was reached only when it should.
func (s *stage) send(t *testing.T, x request) {
	t.Helper()
	if x.path == "" {
		x.method, x.path = http.MethodGet, "/door"
	}
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(x.from)}, Timeout: 20 * time.Second}
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		},
	}}
	req, err := http.NewRequestWithContext(t.Context(), x.method, s.latch.URL+x.path, http.NoBody)
	if err != nil {
		t.Fatal(err)
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
	_ = res.Body.Close()
	if res.StatusCode != x.status || (s.bot.Hits() > before) != (x.status == http.StatusOK) {
		t.Errorf("%s %s from %s: status %d, want %d; %d requests reached the bot", x.method, x.path, x.from, res.StatusCode, x.status, s.bot.Hits()-before)
	}
}

// claims of a good token.
func claims(scope ...string) issue.Token {
	return issue.Token{Issuer: "me", Subject: "ana", Audience: []string{"bot"}, Scope: scope}
}

// forged is a good token whose signature is another.
func (s *stage) forged(t *testing.T) string {
	t.Helper()
	good := s.key.Mint(t, claims("door:open"))
	return good[:len(good)-20] + strings.Repeat("A", 19) + good[len(good)-1:]
}
