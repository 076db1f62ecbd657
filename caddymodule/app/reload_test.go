package app_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// reload runs caddy reload with what the Caddyfile holds now. --force, because Caddy skips what has not changed.
func (d *door) reload(t *testing.T) (stderr string, code int) {
	t.Helper()
	_, stderr, code = d.latch.Command(t.Context(), "", "reload", "--config", "Caddyfile", "--force")
	return stderr, code
}

// counted is a counter of requests, as /metrics writes it.
func (d *door) counted(t *testing.T, labels string) string {
	t.Helper()
	_, text := d.latch.Ask(t, http.MethodGet, "/metrics", "")
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, "botlatch_requests_total{"+labels+"} "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// TestReloadKeepsRevocationsCountersAndService reloads while requests come in.
func TestReloadKeepsRevocationsCountersAndService(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	revoked, good := d.issue(t, "ana", time.Now()).Raw, d.issue(t, "ben", time.Now()).Raw
	d.revoke(t, map[string]any{"token": revoked})
	d.opens(t, revoked, false)
	stop, ended := make(chan struct{}), make(chan struct{})
	var wrong []int // read when ended is closed
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if status := d.status(revoked); status != http.StatusUnauthorized && status != 0 {
				wrong = append(wrong, status)
			}
			time.Sleep(time.Millisecond)
		}
	}()
	for range 3 {
		if stderr, code := d.reload(t); code != 0 {
			t.Fatalf("exit code %d:\n%s", code, stderr)
		}
	}
	close(stop)
	<-ended
	if len(wrong) > 0 {
		t.Errorf("a revoked token was answered %d", wrong)
	}
	before := d.counted(t, `outcome="allow",reason="token"`)
	d.opens(t, good, true)
	if after := d.counted(t, `outcome="allow",reason="token"`); before != "0" || after != "1" {
		t.Errorf("the counter went from %q to %q", before, after)
	}
	if d.counted(t, `outcome="deny",reason="revoked"`) == "0" {
		t.Error("the counter of denials began anew")
	}
	d.revoke(t, map[string]any{"token": good}) // the store is still open
	d.opens(t, good, false)
	d.latch.Kill()
	d.latch.Run()
	d.opens(t, good, false)
	d.opens(t, revoked, false)
}

// status is what the door answers; 0 when it does not: the server of the old configuration closes connections that it has
// not read from yet.
func (d *door) status(token string) int {
	req, err := http.NewRequest(http.MethodGet, d.latch.URL+"/door", http.NoBody)
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := d.http.Do(req)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// TestT4_BrokenReloadLeavesTheOldConfigurationDeciding also revokes afterwards: a cleanup of what never ran must not
// close the store.
func TestT4_BrokenReloadLeavesTheOldConfigurationDeciding(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	revoked := d.issue(t, "ana", time.Now()).Raw
	d.revoke(t, map[string]any{"token": revoked})
	garbage := latchtest.WriteFile(t, "garbage.db", strings.Repeat("not a database\n", 1000))
	replace := func(old, by string) string {
		text := strings.ReplaceAll(doorSite, old, by)
		if text == doorSite {
			t.Fatalf("%q is not there", old)
		}
		return text
	}
	for name, c := range map[string]struct{ caddyfile, want string }{
		"hidden rule":         {replace(rule, rule+"\nallow GET /door scope door:open"), "hidden"},
		"unknown word":        {replace(rule, rule+"\npermit GET /x"), "permit"},
		"no rules":            {replace(rule, ""), "no rules"},
		"short secret":        {replace(rule, rule+"\nsecret tooshort"), "32"},
		"unresolved secret":   {replace(rule, rule+"\nsecret {env.NO_SUCH_THING}"), "NO_SUCH_THING"},
		"no key file":         {replace("{$KEYS}", "/nonexistent/keys.jwks.json"), "/nonexistent/keys.jwks.json"},
		"accept of nobody":    {replace(rule, "accept https://nobody.example\n"+rule), "https://nobody.example"},
		"store that is none":  {replace("{$STORE}", garbage), garbage},
		"store nowhere":       {replace("{$STORE}", "/nonexistent/revocations.db"), "/nonexistent/revocations.db"},
		"a second, bad store": {replace("revocation bolt {$STORE}", "revocation bolt {$STORE}\nrevocation bolt "+garbage), garbage},
	} {
		t.Run(name, func(t *testing.T) {
			d.latch.Rewrite(c.caddyfile)
			stderr, code := d.reload(t)
			if code == 0 || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, and the message does not name %q:\n%s", code, c.want, stderr)
			}
			if strings.Contains(stderr, "tooshort") {
				t.Errorf("the message shows the secret:\n%s", stderr)
			}
			d.opens(t, revoked, false)
			another := d.issue(t, "ben", time.Now())
			d.opens(t, another.Raw, true)
			d.revoke(t, map[string]any{"token": another.Raw})
			d.opens(t, another.Raw, false)
			if _, ok := d.revoked(t)[another.ID]; !ok {
				t.Error("the revocation is not in the store")
			}
		})
	}
	d.latch.Rewrite(doorSite)
	if stderr, code := d.reload(t); code != 0 {
		t.Errorf("the good configuration is not taken again: exit code %d:\n%s", code, stderr)
	}
	d.opens(t, revoked, false)
}

// TestReloadThatDropsTheIssuerRefusesItsTokens at once, those it has seen before too.
func TestReloadThatDropsTheIssuerRefusesItsTokens(t *testing.T) {
	t.Parallel()
	d, other := newDoor(t), latchtest.NewKey(t, jose.ES256)
	token := d.issue(t, "ana", time.Now()).Raw
	for name, caddyfile := range map[string]string{
		"another issuer": strings.ReplaceAll(doorSite, issuerName, "https://other.example.com/"),
		"another key":    strings.ReplaceAll(doorSite, "{$KEYS}", other.File),
		"other audience": strings.ReplaceAll(doorSite, audience, "https://window.example.com"),
	} {
		t.Run(name, func(t *testing.T) {
			for text, opens := range map[string]bool{caddyfile: false, doorSite: true} {
				d.latch.Rewrite(text)
				if stderr, code := d.reload(t); code != 0 {
					t.Fatalf("exit code %d:\n%s", code, stderr)
				}
				d.opens(t, token, opens)
			}
		})
	}
}

// TestRevocationsStayWhateverStoresComeAndGo reloads to an empty store: the list is the process's.
func TestRevocationsStayWhateverStoresComeAndGo(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token := d.issue(t, "ana", time.Now()).Raw
	d.revoke(t, map[string]any{"token": token})
	d.latch.Rewrite(strings.ReplaceAll(doorSite, "{$STORE}", filepath.Join(t.TempDir(), "empty.db")))
	if stderr, code := d.reload(t); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	d.opens(t, token, false)
	d.latch.Rewrite(doorSite) // the first file was let go of, and can be opened again
	if stderr, code := d.reload(t); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	d.opens(t, token, false)
	d.change(t, http.MethodDelete, map[string]any{"token": token})
	d.opens(t, token, true)
}
