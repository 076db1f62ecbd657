package uno_test

import (
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/examples/uno"
)

func TestReadingsBehindTheLatch(t *testing.T) {
	t.Parallel()
	u := uno.Start(t)
	text, err := os.ReadFile("Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	key := latchtest.NewKey(t, jose.ES256)
	l := latchtest.Prepare(t, string(text))
	where, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	l.Setenv("UNO_KEYS", key.File)
	l.Setenv("UNO_UPSTREAM", strings.TrimPrefix(u.URL(), "http://"))
	l.Setenv("UNO_ADMIN", "unix/"+l.Admin+"|0600")
	l.Setenv("LATCH_PORT", where.Port())
	l.Run()
	token := func(scope string) string {
		return key.Mint(t, issue.Token{Issuer: "me", Audience: []string{"uno"}, Subject: "ana", Scope: []string{scope}, TTL: time.Hour})
	}
	for name, c := range map[string]struct {
		method, path, token string
		status              int
	}{
		"ok/all":          {"GET", "/pins", token("observe"), 200},
		"ok/one":          {"GET", "/pins/9", token("observe"), 200},
		"ok/head":         {"HEAD", "/pins/9", token("observe"), 200},
		"deny/nobody":     {"GET", "/pins/9", "", 401},
		"deny/scope":      {"GET", "/pins/9", token("drive"), 403},
		"deny/method":     {"POST", "/pins/9", token("observe"), 403},
		"deny/other path": {"GET", "/", token("observe"), 403},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := ask(t, c.method, l.URL+c.path, c.token)
			told := strings.Contains(body, `"mode":"`)
			if status != c.status || told != (status == 200 && c.method == "GET") {
				t.Errorf("%d %s, want %d", status, body, c.status)
			}
		})
	}
}
