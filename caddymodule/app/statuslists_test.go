package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestTokensOnAStatusList(t *testing.T) {
	t.Parallel()
	d, l := newListedDoor(t, statusSite)
	l.publish(t, d, 0, map[string]any{"exp": time.Now().Add(time.Hour).Unix()})
	d.latch.Run()
	list := l.URL + "/lists/1"
	expired := d.key.Sign(t, "at+jwt", `{"iss":"`+issuerName+`","aud":"`+audience+`","exp":1700000000,"status":{"status_list":{"idx":0,"uri":"`+l.URL+`/lists/expired"}}}`)
	stranger := latchtest.NewKey(t, d.key.Algorithm)
	stranger.ID = d.key.ID
	forged := stranger.Sign(t, "at+jwt", `{"iss":"`+issuerName+`","aud":"`+audience+`","exp":4000000000,"status":{"status_list":{"idx":0,"uri":"`+l.URL+`/lists/forged"}}}`)
	for _, c := range []struct {
		name, token string
		status      int
	}{
		{"deny/forged, before any list", forged, http.StatusUnauthorized},
		{"deny/expired, before any list", expired, http.StatusUnauthorized},
		{"ok/valid", d.listed(t, list, 0), http.StatusOK},
		{"ok/valid again", d.listed(t, list, 0), http.StatusOK},
		{"ok/valid, another entry", d.listed(t, list, 15), http.StatusOK},
		{"ok/on no list", d.sign(t, map[string]any{"sub": "ana"}), http.StatusOK},
		{"deny/invalid", d.listed(t, list, 1), http.StatusUnauthorized},
		{"deny/suspended", d.listed(t, list, 2), http.StatusUnauthorized},
		{"deny/the issuer's own status", d.listed(t, list, 3), http.StatusUnauthorized},
		{"deny/out of bounds", d.listed(t, list, 16), http.StatusServiceUnavailable},
		{"deny/another list's content", d.listed(t, l.URL+"/lists/2", 0), http.StatusServiceUnavailable},
		{"deny/outside the prefix", d.listed(t, l.URL+"/other/1", 0), http.StatusUnauthorized},
		{"deny/half a segment", d.listed(t, l.URL+"/lists1", 0), http.StatusUnauthorized},
		{"deny/up and out", d.listed(t, l.URL+"/lists/../other/1", 0), http.StatusUnauthorized},
		{"deny/a query", d.listed(t, list+"?a", 0), http.StatusUnauthorized},
		{"deny/another host", d.listed(t, strings.Replace(list, "127.0.0.1", "localhost", 1), 0), http.StatusUnauthorized},
		{"deny/plain http", d.listed(t, strings.Replace(list, "https", "http", 1), 0), http.StatusUnauthorized},
	} {
		if got := d.ask(t, c.token); got != c.status {
			t.Errorf("%s: status %d, want %d", c.name, got, c.status)
		}
	}
	revoked := d.listed(t, list, 0)
	d.opens(t, revoked, true)
	d.revoke(t, map[string]any{"token": revoked})
	d.opens(t, revoked, false) // whatever the status list says
	if n := l.asked("/lists/1"); n != 1 {
		t.Errorf("the list was fetched %d times", n)
	}
	for _, path := range []string{"/lists/forged", "/lists/expired", "/other/1", "/lists1", "/lists/../other/1"} {
		if n := l.asked(path); n != 0 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	d.tellsOfItsLists(t, l)
}

// tellsOfItsLists asserts what status and metrics say, and do not say.
func (d *door) tellsOfItsLists(t *testing.T, l *lister) {
	t.Helper()
	_, status := d.latch.Ask(t, http.MethodGet, "/botlatch/status", "")
	var s struct {
		Issuers []struct {
			StatusLists []struct {
				Prefix         string
				Lists, Unknown int
				LastError      string `json:"last_error"`
			} `json:"status_lists"`
		}
	}
	if err := json.Unmarshal([]byte(status), &s); err != nil || len(s.Issuers) != 1 || len(s.Issuers[0].StatusLists) != 1 {
		t.Fatalf("%v in %s", err, status)
	}
	if got := s.Issuers[0].StatusLists[0]; got.Prefix != l.URL+"/lists" || got.Lists != 2 || got.Unknown != 1 || got.LastError == "" {
		t.Errorf("%+v", got)
	}
	if strings.Contains(status+d.latch.Log(), "/lists/") {
		t.Error("status or the log names a list, which stood in a token")
	}
	_, metrics := d.latch.Ask(t, http.MethodGet, "/metrics", "")
	for _, result := range []string{"success", "failure"} {
		if !strings.Contains(metrics, `botlatch_status_list_refreshes_total{result="`+result+`"} `) {
			t.Errorf("no metric of %s", result)
		}
	}
}

func TestWithoutAPrefixNoStatusListIsRead(t *testing.T) {
	t.Parallel()
	d, l := newListedDoor(t, doorSite)
	l.publish(t, d, 0, nil)
	d.latch.Run()
	d.opens(t, d.listed(t, l.URL+"/lists/1", 0), false)
	if n := l.asked("/lists/1"); n != 0 {
		t.Errorf("fetched %d times", n)
	}
}

func TestAStatusListServerThatIsDownFromTheBeginning(t *testing.T) {
	t.Parallel()
	d, l := newListedDoor(t, statusSite)
	l.publish(t, d, 0, nil)
	address := l.Listener.Addr().String()
	_ = l.Listener.Close()
	d.latch.Run()
	token := d.listed(t, l.URL+"/lists/1", 0)
	if got := d.ask(t, token); got != http.StatusServiceUnavailable {
		t.Errorf("status %d", got)
	}
	d.opens(t, d.sign(t, map[string]any{"sub": "ana"}), true) // the rest works
	again := httptest.NewUnstartedServer(l)
	again.TLS = l.TLS.Clone()
	listenAgainAt(t, again, address)
	again.StartTLS()
	t.Cleanup(again.Close)
	d.becomes(t, token, http.StatusOK)
}

// TestAStatusListCountsThroughAnOutageForAWhile: until its exp, or as long beyond its ttl as max_staleness says.
func TestAStatusListCountsThroughAnOutageForAWhile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claims func() map[string]any
		least  time.Duration
	}{
		"exp": {func() map[string]any { return map[string]any{"exp": time.Now().Unix() + 4} }, 2 * time.Second},
		"ttl": {func() map[string]any { return map[string]any{"ttl": 10} }, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, l := newListedDoor(t, strings.Replace(statusSite, "revocation bolt", "max_staleness 2s\n\t\trevocation bolt", 1))
			d.latch.Run()
			l.publish(t, d, 0, c.claims())
			token, revoked := d.listed(t, l.URL+"/lists/1", 0), d.listed(t, l.URL+"/lists/1", 1)
			began := time.Now()
			d.opens(t, token, true)
			l.answers("")
			d.opens(t, token, true)
			d.opens(t, revoked, false)
			d.becomes(t, token, http.StatusServiceUnavailable)
			if took := time.Since(began); took < c.least || took > 20*time.Second {
				t.Errorf("it counted for %v", took)
			}
			if got := d.ask(t, revoked); got == http.StatusOK {
				t.Error("what was revoked passes")
			}
			d.opens(t, d.sign(t, map[string]any{"sub": "ana"}), true)
			l.publish(t, d, 0, map[string]any{"exp": time.Now().Unix() + 3600})
			d.becomes(t, token, http.StatusOK)
		})
	}
}

func TestAChangedStatusListIsSeenWithinItsTTL(t *testing.T) {
	t.Parallel()
	d, l := newListedDoor(t, statusSite)
	d.latch.Run()
	l.publish(t, d, 0, map[string]any{"ttl": 5}) // ten seconds is as short as it gets
	token := d.listed(t, l.URL+"/lists/1", 0)
	d.opens(t, token, true)
	l.publish(t, d, 1, nil)
	if took := d.becomes(t, token, http.StatusUnauthorized); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestReloadsLeaveNoStatusListBehind(t *testing.T) {
	t.Parallel()
	d, l := newListedDoor(t, statusSite)
	l.publish(t, d, 0, nil)
	d.latch.Run()
	following := func() int {
		_, stacks := d.latch.Ask(t, http.MethodGet, "/debug/pprof/goroutine?debug=2", "")
		return strings.Count(stacks, "remote.(*Document[...]).Run(")
	}
	for range 4 {
		d.opens(t, d.listed(t, l.URL+"/lists/1", 0), true)
		d.opens(t, d.listed(t, l.URL+"/lists/1", 1), false)
		if n := following(); n != 1 {
			t.Errorf("%d lists are followed", n)
		}
		if stderr, code := d.reload(t); code != 0 {
			t.Fatalf("exit code %d:\n%s", code, stderr)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); following() != 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := following(); n != 0 {
		t.Errorf("%d lists of former configurations are followed", n)
	}
}

func TestStatusListsThatCannotBeConfigured(t *testing.T) {
	t.Parallel()
	secret := strings.Replace(statusSite, "keys static {$KEYS}", "keys secret 0123456789abcdef0123456789abcdef", 1)
	for name, c := range map[string]struct{ site, lists, want string }{
		"deny/http":     {statusSite, "http://id.example.com", "https://host/path"},
		"deny/userinfo": {statusSite, "https://a@id.example.com", "https://host/path"},
		"deny/a secret": {secret, "https://id.example.com", "secret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := prepareDoor(t, c.site)
			d.latch.Setenv("LISTS", c.lists)
			_, stderr, code := d.latch.Command(t.Context(), "", "validate", "--config", "Caddyfile")
			if code == 0 || !strings.Contains(stderr, "status_lists") || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d:\n%s", code, stderr)
			}
		})
	}
}

func TestAStatusListSurvivesARestartDuringAnOutage(t *testing.T) {
	t.Parallel()
	d, l := newListedDoor(t, statusSite)
	l.publish(t, d, 0, map[string]any{"exp": time.Now().Add(time.Hour).Unix()})
	d.latch.Run()
	list := l.URL + "/lists/1"
	valid, invalid := d.listed(t, list, 0), d.listed(t, list, 1)
	d.opens(t, valid, true)
	d.latch.Stop()
	l.answers("") // gone
	d.latch.Run()
	d.opens(t, invalid, false)
	d.opens(t, valid, true)
	if got := d.ask(t, d.listed(t, l.URL+"/lists/2", 0)); got != http.StatusServiceUnavailable {
		t.Errorf("a list that nobody saved: status %d", got)
	}
}
