package admin_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

const (
	issuerName = "https://id.example.com/"
	audience   = "https://bot.example.com"
)

// site has an issuer with a public key, and a secret of its own.
const site = `{
	admin {$ADMIN}
	auto_https off
	botlatch {
		issuer ` + issuerName + ` {
			keys static {$KEYS}
			audience ` + audience + `
		}
		revocation bolt {$STORE}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		accept ` + issuerName + `
		secret_base64 {file.{$SECRET_FILE}}
		allow GET /door any_token
	}
	reverse_proxy {$BOT}
}
`

// latch is a running latch and its two keys.
type latch struct {
	*latchtest.Latch

	bot         *latchtest.Bot
	key, secret latchtest.Key
	store       string
}

func prepare(t *testing.T, caddyfile string) *latch {
	t.Helper()
	l := &latch{
		bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA), secret: latchtest.NewKey(t, jose.HS256),
		store: filepath.Join(t.TempDir(), "revocations.db"),
	}
	l.Latch = latchtest.Prepare(t, caddyfile,
		"BOT="+l.bot.Address(), "KEYS="+l.key.File, "SECRET_FILE="+l.secret.File, "STORE="+l.store)
	return l
}

func start(t *testing.T) *latch {
	t.Helper()
	l := prepare(t, site)
	l.Run()
	return l
}

func (l *latch) token(t *testing.T, subject string) string {
	t.Helper()
	return l.key.Mint(t, issue.Token{Issuer: issuerName, Subject: subject, Audience: []string{audience}})
}

// status is what the site answers to a token.
func (l *latch) status(t *testing.T, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.URL+"/door", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// get reads a JSON answer with status 200.
func (l *latch) get(t *testing.T, path string, v any) (text string) {
	t.Helper()
	status, text := l.Ask(t, http.MethodGet, path, "")
	if status != http.StatusOK {
		t.Fatalf("%s: status %d: %s", path, status, text)
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%s: %v: %s", path, err, text)
	}
	return text
}
