package attacks_test

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// storeOptions are options with a revocation file of their own, {$STORE}.
var storeOptions = strings.Replace(options, "botlatch {\n", "botlatch {\n\t\trevocation bolt {$STORE}\n", 1)

// startPatience bounds how long a process may take to find out that it must not start.
const startPatience = time.Minute

// neverRuns asserts that the binary refuses to start, and listens nowhere.
func neverRuns(t *testing.T, l *latchtest.Latch, bot *latchtest.Bot) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startPatience)
	defer cancel()
	_, stderr, code := l.Command(ctx, "", "run", "--config", "Caddyfile")
	if ctx.Err() != nil || code == 0 {
		t.Errorf("it ran: exit code %d\n%s", code, stderr)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(l.URL, "http://")); err == nil {
		_ = conn.Close()
		t.Error("it listens")
	}
	if bot.Hits() > 0 {
		t.Error("the bot was reached")
	}
}

// knownKeys are tokens signed with keys that everybody has: an example of RFC 8037, of a token debugger, and none.
func knownKeys() map[string]string {
	const claims = `{"iss":"` + issuerName + `","aud":"` + audience + `","sub":"ana","scope":"drive","exp":`
	b64 := base64.RawURLEncoding.EncodeToString
	sign := func(header string, by func(string) []byte) string {
		input := b64([]byte(header)) + "." + b64([]byte(claims+unixIn(600)+"}"))
		return input + "." + b64(by(input))
	}
	mac := func(secret string) func(string) []byte {
		return func(input string) []byte {
			h := hmac.New(sha256.New, []byte(secret))
			_, _ = h.Write([]byte(input))
			return h.Sum(nil)
		}
	}
	seed, err := base64.RawURLEncoding.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	if err != nil {
		panic(err)
	}
	return map[string]string{
		"RFC 8037": sign(`{"alg":"EdDSA"}`, func(input string) []byte { return ed25519.Sign(ed25519.NewKeyFromSeed(seed), []byte(input)) }),
		"debugger": sign(`{"alg":"HS256","typ":"JWT"}`, mac("your-256-bit-secret")),
		"empty":    sign(`{"alg":"HS256","typ":"JWT"}`, mac("")),
		"none":     sign(`{"alg":"none","typ":"JWT"}`, func(string) []byte { return nil }),
	}
}

// TestF1_WithoutItsKeysALatchFallsBackToNone: at the start it refuses to run, and later a key that everybody knows opens
// nothing, whatever became of the file.
func TestF1_WithoutItsKeysALatchFallsBackToNone(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty": "", "white space": " \n", "no key in the set": `{"keys":[]}`, "an error page": "<html>503 Service Unavailable</html>",
		"null": "null", "a secret as JWK": `{"keys":[{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}]}`,
		"cut off": `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`,
	} {
		t.Run("start, "+name, func(t *testing.T) {
			t.Parallel()
			bot := latchtest.StartBot(t)
			neverRuns(t, latchtest.Prepare(t, options+site, "BOT="+bot.Address(), "KEYS="+latchtest.WriteFile(t, "keys", content)), bot)
		})
	}
	t.Run("running", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, options+site)
		var attacks []attack
		for name, token := range knownKeys() {
			attacks = append(attacks, attack{name, "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer " + token + "\n\n", 401})
		}
		s.refuses(t, attacks...)
		if err := os.WriteFile(s.key.File, []byte(`{"keys":[]}`), 0o600); err != nil {
			t.Fatal(err)
		}
		s.failsToReload(t)
		s.refuses(t, attacks...)
	})
}

// failsToReload asserts that a reload of the present files fails.
func (s *stage) failsToReload(t *testing.T) {
	t.Helper()
	if _, stderr, code := s.latch.Command(t.Context(), "", "reload", "--force", "--config", "Caddyfile"); code == 0 {
		t.Errorf("a broken configuration was loaded: %s", stderr)
	}
}

// TestF2_AFileThatCannotBeReadChangesNothing: no start without it, and at a reload the last good one goes on deciding.
func TestF2_AFileThatCannotBeReadChangesNothing(t *testing.T) {
	t.Parallel()
	unreadable := map[string]func(*testing.T) string{
		"missing":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "nowhere", "file") },
		"a directory": func(t *testing.T) string { return t.TempDir() },
		"garbage":     func(t *testing.T) string { return latchtest.WriteFile(t, "garbage", strings.Repeat("garbage\n", 4096)) },
	}
	s := newStage(t, storeOptions+site, "STORE="+filepath.Join(t.TempDir(), "revocations.db"))
	revoked := s.token(t, "drive")
	if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"token":"`+revoked+`"}`); status != http.StatusOK {
		t.Fatalf("revoking: status %d: %s", status, answer)
	}
	stranger := latchtest.NewKey(t, jose.EdDSA)
	const head = "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer "
	attacks := []attack{
		{"revoked", head + revoked + "\n\n", 401},
		{"another's key", head + (&stage{key: stranger}).token(t, "drive") + "\n\n", 401},
	}
	s.refuses(t, attacks...)
	good := map[string]string{"KEYS": s.key.File, "STORE": filepath.Join(t.TempDir(), "revocations.db")}
	for kind := range good {
		for name, path := range unreadable {
			t.Run(kind+" "+name, func(t *testing.T) {
				broken := path(t)
				s.latch.Rewrite(strings.ReplaceAll(storeOptions+site, "{$"+kind+"}", broken))
				s.failsToReload(t)
				s.refuses(t, attacks...)

				bot := latchtest.StartBot(t)
				neverRuns(t, latchtest.Prepare(t, storeOptions+site, "BOT="+bot.Address(), "KEYS="+good["KEYS"], "STORE="+good["STORE"], kind+"="+broken), bot)
			})
		}
	}
}

// TestF5_ABrokenRevocationConfigurationIsFatal: nothing that cannot be asked for revocations is taken for an empty list.
func TestF5_ABrokenRevocationConfigurationIsFatal(t *testing.T) {
	t.Parallel()
	key := latchtest.NewKey(t, jose.EdDSA)
	for name, words := range map[string]string{
		"no store": "revocation", "off": "revocation off", "a store that is none": "revocation none", "surplus words": "revocation bolt a b",
		"unresolved": "revocation bolt {env.NOT_SET}", "the same twice": "revocation bolt {$STORE}\n\t\trevocation bolt {$STORE}",
		"a block that nobody knows": "revocation bolt {$STORE} {\n\t\t\tfail open\n\t\t}",
		"a key file as store":       "revocation bolt {$KEYS}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bot := latchtest.StartBot(t)
			neverRuns(t, latchtest.Prepare(t, strings.Replace(storeOptions, "revocation bolt {$STORE}", words, 1)+site,
				"BOT="+bot.Address(), "KEYS="+key.File, "STORE="+filepath.Join(t.TempDir(), "revocations.db")), bot)
		})
	}
}
