// Package oidc_test runs the latch with the keys of a real OpenID provider, which rotates them, fails and comes back.
package oidc_test

import (
	"context"
	"crypto/rand"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/examples/uno/npm"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // Gobot tells every step of its start
	os.Exit(latchtest.Main(m))
}

// patience bounds each wait.
const patience = 30 * time.Second

// fresh is for how long the keys are, and the least time between two looks at them: the shortest that there is.
const fresh = time.Second

// stage is this example: the provider, the bot and the Caddyfile as it is.
type stage struct {
	latch    *latchtest.Latch
	bot      *bot
	provider *npm.Process
	issuer   string
	secret   string // of the provider's client
	keys     string // file of the provider's keys

	good atomic.Int64 // answers that were 200
}

// newStage starts the example.
func newStage(t *testing.T) *stage {
	t.Helper()
	s := prepareStage(t)
	s.latch.Run()
	return s
}

// prepareStage is newStage without the latch.
func prepareStage(t *testing.T) *stage {
	t.Helper()
	latchtest.Need(t, "node", "npm")
	text, err := os.ReadFile("Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{latch: latchtest.Prepare(t, string(text)), bot: startBot(t), secret: rand.Text(), keys: filepath.Join(t.TempDir(), "keys.json")}
	s.startProvider(t, latchtest.FreePort(t))
	s.issuer = s.provider.URL
	for name, value := range map[string]string{
		"DOOR_SITE": s.latch.URL, "DOOR_ISSUER": s.issuer, "DOOR_COOLDOWN": fresh.String(), "DOOR_UPSTREAM": s.bot.address(),
		"DOOR_ADMIN": "unix/" + s.latch.Admin + "|0600",
	} {
		s.latch.Setenv(name, value)
	}
	return s
}

// startProvider starts the provider on a port.
func (s *stage) startProvider(t *testing.T, port string) {
	t.Helper()
	s.provider = program.Start(t, "provider.js", "PORT="+port, "SECRET="+s.secret, "RESOURCES="+s.latch.URL, "KEYS="+s.keys, "FRESH=1")
}

// restartProvider starts it where it was.
func (s *stage) restartProvider(t *testing.T) {
	t.Helper()
	u, err := url.Parse(s.issuer)
	if err != nil {
		t.Fatal(err)
	}
	s.startProvider(t, u.Port())
}

// token is one that the provider issues for the bot.
func (s *stage) token(t *testing.T, scope ...string) string {
	t.Helper()
	token, err := s.obtain(t.Context(), scope...)
	if err != nil {
		t.Fatal("no token")
	}
	return token
}

func (s *stage) obtain(ctx context.Context, scope ...string) (string, error) {
	client := clientcredentials.Config{
		ClientID: "app", ClientSecret: s.secret, TokenURL: s.issuer + "/token", AuthStyle: oauth2.AuthStyleInHeader,
		Scopes: scope, EndpointParams: url.Values{"resource": {s.latch.URL}},
	}
	token, err := client.Token(ctx)
	if err != nil {
		return "", err
	}
	return token.AccessToken, nil
}

// looks is a program's GET of the door, and the status of its answer; 0: there is none.
func (s *stage) looks(ctx context.Context, token string) (status int, header http.Header) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.latch.URL+"/api/door", http.NoBody)
	if err != nil {
		return 0, nil
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode == http.StatusOK {
		s.good.Add(1)
	}
	return res.StatusCode, res.Header
}

// is asserts what the door's answer to a token is.
func (s *stage) is(t *testing.T, want int, token string) {
	t.Helper()
	if status, _ := s.looks(t.Context(), token); status != want {
		t.Errorf("status %d, want %d", status, want)
	}
}

// undisturbed asserts that the bot was reached by what was answered 200, and by nothing else.
func (s *stage) undisturbed(t *testing.T) {
	t.Helper()
	if hits, good := s.bot.hits.Load(), s.good.Load(); hits != good || good == 0 {
		t.Errorf("the bot was reached %d times, by %d requests that were answered 200", hits, good)
	}
}

// becomes waits until the door's answer to a token is that.
func (s *stage) becomes(t *testing.T, want int, token string) {
	t.Helper()
	var status int
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if status, _ = s.looks(t.Context(), token); status == want {
			return
		}
	}
	t.Fatalf("status %d in the end, want %d", status, want)
}
