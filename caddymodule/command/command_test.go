package command_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }

// site is a latch with one issuer, own, in front of a bot that answers by itself.
const site = `{
	admin {$ADMIN}
	botlatch {
		issuer own {
			keys static {$KEYS}
		}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow GET /arm scope observe
	}
	respond bot
}
`

// status is how the latch answers a token.
func status(t *testing.T, l *latchtest.Latch, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.URL+"/arm", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func TestFromAKeyToATokenThatIsRevoked(t *testing.T) {
	t.Parallel()
	keys := t.TempDir()
	l := latchtest.Prepare(t, site, "KEYS="+filepath.Join(keys, "bot.jwks.json"))
	admin := "unix/" + l.Admin
	run := func(stdin string, args ...string) (stdout, stderr string) {
		t.Helper()
		stdout, stderr, code := l.Command(t.Context(), stdin, append([]string{"botlatch"}, args...)...)
		if code != 0 {
			t.Fatalf("%v: exit code %d\n%s%s", args, code, stdout, stderr)
		}
		return stdout, stderr
	}
	key := filepath.Join(keys, "bot.jwk")
	if out, _ := run("", "key", "new", key); !strings.Contains(out, "keys static "+filepath.Join(keys, "bot.jwks.json")) {
		t.Errorf("key new does not say what the latch needs:\n%s", out)
	}
	l.Run()
	mint := func(subject string) string {
		t.Helper()
		out, errs := run("", "token", "issue", "--key", key, "--issuer", "own", "--subject", subject, "--scope", "observe", "--ttl", "10m")
		if !strings.Contains(errs, "jti: ") || strings.Count(out, "\n") != 1 {
			t.Errorf("token issue writes %q and %q", out, errs)
		}
		token := strings.TrimSpace(out)
		if got := status(t, l, token); got != http.StatusOK {
			t.Fatalf("a new token is answered %d", got)
		}
		return token
	}
	revoked := func(what, token string) {
		t.Helper()
		if got := status(t, l, token); got != http.StatusUnauthorized {
			t.Errorf("revoked by %s, and answered %d", what, got)
		}
	}

	token := mint("by-stdin")
	out, errs := run(token+"\n", "revoke", "--token", "-", "--address", admin, "--reason", "lost phone")
	if !strings.Contains(out, "revoked: token ") || !strings.Contains(out, "(lost phone)") || !strings.Contains(errs, admin) {
		t.Errorf("revoke writes %q and %q", out, errs)
	}
	revoked("standard input", token)

	token = mint("by-file")
	run("", "revoke", "--token", latchtest.WriteFile(t, "token", token+"\n"), "--address", admin)
	revoked("file", token)

	issued, _ := run("", "token", "issue", "--json", "--key", key, "--issuer", "own", "--subject", "by-jti", "--scope", "observe")
	var parsed struct {
		Token, JTI string
		ExpiresAt  time.Time `json:"expires_at"`
	}
	if err := json.Unmarshal([]byte(issued), &parsed); err != nil || parsed.JTI == "" || time.Until(parsed.ExpiresAt) > issue.DefaultTTL {
		t.Fatalf("token issue --json: %v\n%s", err, issued)
	}
	run("", "revoke", "--jti", parsed.JTI, "--config", filepath.Join(l.Dir, "Caddyfile"))
	revoked("jti", parsed.Token)

	token, other := mint("by-subject"), mint("other")
	entry, _ := run("", "revoke", "--json", "--subject", "by-subject", "--address", admin)
	var e revocation.Entry
	if err := json.Unmarshal([]byte(entry), &e); err != nil || e.Kind != revocation.KindSubject || e.Issuer != "own" {
		t.Errorf("revoke --json: %v\n%s", err, entry)
	}
	revoked("subject", token)
	if got := status(t, l, other); got != http.StatusOK {
		t.Errorf("another subject is answered %d", got)
	}
	run("", "revoke", "--all") // ./Caddyfile names the address
	revoked("everything", other)

	list, _ := run("", "revocations", "--address", admin)
	for _, want := range []string{"token ", "subject by-subject of own, until taken back", "all, issued by ", "(lost phone)"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list does not say %q:\n%s", want, list)
		}
	}
	lines, _ := run("", "revocations", "--json", "--address", admin)
	if got := strings.Count(lines, "\n"); got != 5 {
		t.Errorf("%d entries, want 5:\n%s", got, lines)
	}
	if strings.Contains(l.Log()+list+lines, token) {
		t.Error("a token is in the log or the list")
	}
}

func TestKeyFilesAreForThoseWhoNeedThem(t *testing.T) {
	t.Parallel()
	l := latchtest.Prepare(t, site)
	for alg, half := range map[string]struct {
		suffix string
		mode   os.FileMode
	}{"EdDSA": {".jwks.json", 0o644}, "ES256": {".jwks.json", 0o644}, "RS256": {".jwks.json", 0o644}, "HS256": {".secret", 0o600}} {
		path := filepath.Join(l.Dir, alg)
		out, errs, code := l.Command(t.Context(), "", "botlatch", "key", "new", "--json", "--alg", alg, path+".jwk")
		if code != 0 || !strings.Contains(out, `"alg": "`+alg+`"`) || !strings.Contains(out, path+half.suffix) {
			t.Errorf("%s: exit code %d\n%s%s", alg, code, out, errs)
		}
		for file, mode := range map[string]os.FileMode{path + ".jwk": 0o600, path + half.suffix: half.mode} {
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != mode {
				t.Errorf("%s: %v, %v", file, info, err)
			}
		}
	}
}

func TestSaysWhatIsWrongAndExitsWithIt(t *testing.T) {
	t.Parallel()
	l := latchtest.Prepare(t, site, "KEYS=/nowhere")
	key := latchtest.NewKey(t, jose.EdDSA)
	private := strings.TrimSuffix(key.File, issue.PublicSuffix) + issue.PrivateSuffix
	open := latchtest.WriteFile(t, "open.jwk", "{}")
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	dead := []string{"--address", "unix/" + filepath.Join(l.Dir, "nobody.sock")}
	issueWith := func(args ...string) []string { return append([]string{"token", "issue", "--key", private}, args...) }
	for name, c := range map[string]struct {
		args  []string
		stdin string
		code  int
		want  string
	}{
		"key that exists":         {[]string{"key", "new", private}, "", 1, "not overwritten"},
		"key of another ending":   {[]string{"key", "new", filepath.Join(l.Dir, "key.pem")}, "", 1, "ends in .jwk"},
		"key in no directory":     {[]string{"key", "new", filepath.Join(l.Dir, "no", "key.jwk")}, "", 1, "no such file"},
		"unknown algorithm":       {[]string{"key", "new", "--alg", "none", filepath.Join(l.Dir, "k.jwk")}, "", 1, "none"},
		"token without key":       {[]string{"token", "issue", "--subject", "ana"}, "", 1, "--key is missing"},
		"token of a missing key":  {[]string{"token", "issue", "--subject", "ana", "--key", filepath.Join(l.Dir, "no.jwk")}, "", 1, "no.jwk"},
		"token of an open key":    {[]string{"token", "issue", "--subject", "ana", "--key", open}, "", 1, "chmod 600"},
		"token without subject":   {issueWith(), "", 1, "subject"},
		"token for a year":        {issueWith("--subject", "ana", "--ttl", "8760h"), "", 1, "24h"},
		"token for no time":       {issueWith("--subject", "ana", "--ttl", "0s"), "", 1, "--ttl 0s"},
		"token for years":         {issueWith("--subject", "ana", "--ttl", "99999h", "--long-lived"), "", 1, "at most"},
		"odd scope":               {issueWith("--subject", "ana", "--scope", `a"b`), "", 1, "scope"},
		"revoke nothing":          {append([]string{"revoke"}, dead...), "", 1, "token jti subject all"},
		"revoke two things":       {append([]string{"revoke", "--jti", "a", "--all"}, dead...), "", 1, "none of the others can be"},
		"revoke not all":          {append([]string{"revoke", "--all=false"}, dead...), "", 1, "revokes nothing"},
		"token with an issuer":    {append([]string{"revoke", "--token", "-", "--issuer", "own"}, dead...), "x", 1, "do not go with it"},
		"empty standard input":    {append([]string{"revoke", "--token", "-"}, dead...), " \n", 1, "nothing there"},
		"token with line breaks":  {append([]string{"revoke", "--token", "-"}, dead...), "a.b\nc.d", 1, "not one token"},
		"header for a token":      {append([]string{"revoke", "--token", "-"}, dead...), "Bearer a.b.c", 1, "not one token"},
		"endless standard input":  {append([]string{"revoke", "--token", "-"}, dead...), strings.Repeat("a", 20<<10), 1, "not one token"},
		"file that is not there":  {append([]string{"revoke", "--token", filepath.Join(l.Dir, "no")}, dead...), "", 1, "reading the token"},
		"nobody at the address":   {append([]string{"revoke", "--jti", "a"}, dead...), "", 2, "asking the latch"},
		"nobody to list":          {append([]string{"revocations"}, dead...), "", 2, "asking the latch"},
		"configuration not there": {[]string{"revoke", "--jti", "a", "--config", filepath.Join(l.Dir, "no")}, "", 1, "finding the latch"},
		"unknown flag":            {[]string{"revoke", "--everything"}, "", 1, "unknown flag"},
		"unknown command":         {[]string{"key", "rotate"}, "", 1, "rotate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, code := l.Command(t.Context(), c.stdin, append([]string{"botlatch"}, c.args...)...)
			if code != c.code || !strings.Contains(errs, c.want) {
				t.Errorf("exit code %d, want %d; %q does not say %q", code, c.code, errs, c.want)
			}
			if out != "" {
				t.Errorf("standard output: %q", out)
			}
		})
	}
}

func TestTheLatchSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	key := latchtest.NewKey(t, jose.EdDSA)
	two := strings.Replace(site, "botlatch {\n\t\tissuer", "botlatch {\n\t\tissuer other {\n\t\t\tkeys static {$KEYS}\n\t\t}\n\t\tissuer", 1)
	two = strings.Replace(two, "allow GET", "accept own\n\t\tallow GET", 1)
	l := latchtest.Start(t, two, "KEYS="+key.File)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"whose subject":  {[]string{"--subject", "ana"}, `iss is one of [\"other\" \"own\"]`},
		"no such time":   {[]string{"--subject", "ana", "--issuer", "own", "--issued-before", "yesterday"}, "issued_before"},
		"not a token":    {[]string{"--token", latchtest.WriteFile(t, "t", "abc")}, "reading the token"},
		"endless reason": {[]string{"--jti", "a", "--issuer", "own", "--reason", strings.Repeat("x", 10000)}, "reason"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, code := l.Command(t.Context(), "", append([]string{"botlatch", "revoke", "--address", "unix/" + l.Admin}, c.args...)...)
			if code != 2 || !strings.Contains(errs, c.want) || out != "" {
				t.Errorf("exit code %d, %q, %q does not say %q", code, out, errs, c.want)
			}
		})
	}
}
