package otherteams_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/examples/uno/npm"
)

// program is the provider of examples/oidc: each team runs one.
var program = npm.Program{Source: os.DirFS("../oidc")}

// scopes are all that either provider gives, to its own client.
const scopes = "observe arm:move door:unlock"

// team is one of the two: its provider, its bot, its site.
type team struct {
	provider *npm.Process
	issuer   string
	secret   string           // of the client "app", which both teams have
	key      *jose.SigningKey // the provider's own, for tokens that it would not issue
	keys     string           // file of the provider's keys
	bot      *latchtest.Bot
	site     string
	act      request // what its bot is for
	scope    string  // what act asks for
}

type request struct{ method, path string }

// newTeam starts the provider and the bot of a team. Both teams' providers give their keys the same name.
func newTeam(t *testing.T, site, other string, act request, scope string) *team {
	t.Helper()
	key, err := jose.GenerateKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	key.ID = "2026"
	private, err := key.PrivateJWK()
	if err != nil {
		t.Fatal(err)
	}
	m := &team{secret: rand.Text(), key: key, bot: latchtest.StartBot(t), site: site, act: act, scope: scope}
	m.keys = latchtest.WriteFile(t, "keys.json", `{"keys":[`+string(private)+`]}`)
	// A provider that says yes to everything: what it says of another team's bot must not matter there.
	m.provider = program.Start(t, "provider.js", "PORT=0", "SECRET="+m.secret, "RESOURCES="+site+" "+other, "SCOPES="+scopes, "KEYS="+m.keys)
	m.issuer = m.provider.URL
	return m
}

// token is one that the team's provider issues for a site.
func (m *team) token(t *testing.T, site, scope string) string {
	t.Helper()
	client := clientcredentials.Config{
		ClientID: "app", ClientSecret: m.secret, TokenURL: m.issuer + "/token", AuthStyle: oauth2.AuthStyleInHeader,
		Scopes: []string{scope}, EndpointParams: url.Values{"resource": {site}},
	}
	token, err := client.Token(t.Context())
	if err != nil {
		t.Fatal("no token")
	}
	return token.AccessToken
}

// own is a token of the team for its own bot.
func (m *team) own(t *testing.T) string {
	t.Helper()
	return m.token(t, m.site, m.scope)
}

// forge is a token that the team signs as if another issuer did.
func (m *team) forge(t *testing.T, issuer, site, scope string) string {
	t.Helper()
	token := issue.Token{Issuer: issuer, Subject: "app", Audience: []string{site}, Scope: []string{scope}}
	raw, err := token.Sign(m.key, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// asks is what the team's bot is for, with a token, and the status of the answer; 0: there is none.
func (m *team) asks(ctx context.Context, token string) (status int) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, m.act.method, m.site+m.act.path, http.NoBody)
	if err != nil {
		return 0
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("X-Bot-Issuer", "https://somebody.example.com") // nobody says this of himself
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// is asserts what the answer of the team's bot is, and that it was reached when it is good, and else not.
func (m *team) is(t *testing.T, want int, token string) {
	t.Helper()
	before, reached := m.bot.Hits(), 0
	if want == http.StatusOK {
		reached = 1
	}
	status := m.asks(t.Context(), token)
	if hits := m.bot.Hits() - before; status != want || hits != reached {
		t.Errorf("status %d, and the bot was reached %d times; want %d", status, hits, want)
	}
}
