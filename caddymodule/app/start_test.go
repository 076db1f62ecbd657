package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// hush is a secret that no message may show.
const hush = "hush-hush-hush"

// badStart is a configuration with which nothing may start, and what the message must say of it.
type badStart struct{ old, by, want string }

// rule is the rule of doorSite.
const rule = "allow GET /door any_token"

// badStarts change one thing of doorSite each.
func badStarts(t *testing.T) map[string]badStart {
	t.Helper()
	const listener = "http://127.0.0.1:{$PORT} {\n\tbind 127.0.0.1"
	const second = "issuer https://b.example {\n\t\t\tkeys static {$KEYS}\n\t\t\taudience b\n\t\t}\n\t\trevocation"
	file := func(name, content string) string { return latchtest.WriteFile(t, name, content) }
	private := latchtest.NewKey(t, jose.EdDSA)
	privateFile := filepath.Join(filepath.Dir(private.File), "key.jwk")
	if _, err := os.Stat(privateFile); err != nil {
		t.Fatal(err)
	}
	empty, garbage := file("empty.json", ""), file("garbage.json", `{"keys":[{"kty":"oct","k":"`+hush+`"}]}`)
	stone, torn := file("stone.db", strings.Repeat("stone\n", 5000)), file("torn.db", "x")
	return map[string]badStart{
		"plain HTTP for everybody":   {listener, "http://:{$PORT} {", "insecure_http"},
		"plain HTTP on an address":   {listener, "http://127.0.0.1:{$PORT} {\n\tbind 0.0.0.0", "insecure_http"},
		"plain HTTP beside loopback": {listener, "http://127.0.0.1:{$PORT} {\n\tbind 127.0.0.1 [::]", "insecure_http"},
		"matcher":                    {"\tbotlatch {\n\t\tallow", "\tbotlatch /api/* {\n\t\tallow", "Caddyfile:14"},
		"beside basic_auth":          {"reverse_proxy", "basic_auth {\n\t\tana $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n\t}\n\treverse_proxy", "basic_auth"},
		"behind the proxy": {
			"\tbotlatch {\n\t\tallow GET /door any_token\n\t}\n\treverse_proxy {$BOT}",
			"\troute {\n\t\treverse_proxy {$BOT}\n\t\tbotlatch {\n\t\t\tallow GET /door any_token\n\t\t}\n\t}", "put botlatch first",
		},
		"unresolved secret":           {rule, "secret {env.NO_SUCH_THING}\n\t\t" + rule, "env.NO_SUCH_THING"},
		"unreadable secret":           {rule, "secret {file./nonexistent/secret}\n\t\t" + rule, "file./nonexistent/secret"},
		"short secret":                {rule, "secret " + hush + "\n\t\t" + rule, "32"},
		"secret that is no base64":    {rule, "secret_base64 " + hush + "!\n\t\t" + rule, "base64"},
		"key file that is not there":  {"{$KEYS}", "/nonexistent/keys.pem", "/nonexistent/keys.pem"},
		"key file that is a dir":      {"{$KEYS}", "/", "/"},
		"key file that is empty":      {"{$KEYS}", empty, empty},
		"key file with secrets alone": {"{$KEYS}", garbage, garbage},
		"private key":                 {"{$KEYS}", privateFile, privateFile},
		"unresolved key file":         {"{$KEYS}", "{env.NO_SUCH_THING}", "env.NO_SUCH_THING"},
		"several issuers":             {"revocation", second, "accept"},
		"accept of nobody":            {rule, "accept https://nobody.example\n\t\t" + rule, "https://nobody.example"},
		"no rules":                    {rule, "", "no rules"},
		"hidden rule":                 {rule, "allow GET /** any_token\n\t\t" + rule, "line 16"},
		"unknown store":               {"revocation bolt {$STORE}", "revocation stone", "stone"},
		"store nowhere":               {"{$STORE}", "/nonexistent/revocations.db", "/nonexistent/revocations.db"},
		"store in a file":             {"{$STORE}", empty + "/revocations.db", empty},
		"store that is a dir":         {"{$STORE}", "/tmp", "/tmp"},
		"store that is garbage":       {"{$STORE}", stone, stone},
		"store that is cut":           {"{$STORE}", torn, torn},
		"store twice":                 {"revocation bolt {$STORE}", "revocation bolt {$STORE}\n\t\trevocation bolt {$STORE}", "stands twice"},
		"unknown algorithm":           {"audience " + audience + "\n\t\t}", "algorithms none\n\t\t}", "none"},
		"algorithm of no key":         {"audience " + audience + "\n\t\t}", "algorithms RS256\n\t\t}", "RS256"},
	}
}

// TestNothingStartsHalfProtected runs the binary with each bad configuration.
func TestNothingStartsHalfProtected(t *testing.T) {
	t.Parallel()
	for name, c := range badStarts(t) {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(doorSite, c.old, c.by, 1)
			if text == doorSite {
				t.Fatalf("%q is not in the Caddyfile", c.old)
			}
			said := refusesToStart(t, prepareDoor(t, text))
			if !strings.Contains(said, c.want) {
				t.Errorf("the message does not name %q:\n%s", c.want, said)
			}
			if strings.Contains(said, hush) {
				t.Errorf("the message shows a secret:\n%s", said)
			}
		})
	}
}

// TestSiteWithoutAnyIssuerDoesNotStart has no botlatch options at all.
func TestSiteWithoutAnyIssuerDoesNotStart(t *testing.T) {
	t.Parallel()
	before, rest, _ := strings.Cut(doorSite, "\tbotlatch {\n\t\tissuer")
	_, after, _ := strings.Cut(rest, "bolt {$STORE}\n\t}\n")
	if said := refusesToStart(t, prepareDoor(t, before+after)); !strings.Contains(said, "no issuer") {
		t.Errorf("the message does not say so:\n%s", said)
	}
}
