package admin_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestStatusShowsIssuersStoresAndCountsAndNoSecret(t *testing.T) {
	t.Parallel()
	l := start(t)
	l.Ask(t, http.MethodPost, "/botlatch/revocations", `{"kind":"subject","iss":"`+issuerName+`","value":"somebody"}`)
	var status struct {
		Ready   bool
		Issuers []struct {
			Issuer string
			Keys   []struct {
				Kid        string
				Algorithms []string
			}
			LastError string `json:"last_error"`
		}
		Stores []struct {
			Resource string
			LoadedAt time.Time `json:"loaded_at"`
			Writable bool
		}
		Revocations map[string]int
	}
	text := l.get(t, "/botlatch/status", &status)
	if !status.Ready || len(status.Issuers) != 2 || len(status.Stores) != 1 {
		t.Fatalf("status: %s", text)
	}
	own, shared := status.Issuers[0], status.Issuers[1]
	if own.Issuer != "" || len(own.Keys) != 1 || own.Keys[0].Algorithms[0] != "HS256" {
		t.Errorf("the site's own issuer: %+v", own)
	}
	if shared.Issuer != issuerName || len(shared.Keys) != 1 || shared.Keys[0].Algorithms[0] != "EdDSA" || shared.Keys[0].Kid == "" {
		t.Errorf("the app's issuer: %+v", shared)
	}
	store := status.Stores[0]
	if store.Resource != "bolt:"+l.store || !store.Writable || time.Since(store.LoadedAt).Abs() > time.Minute {
		t.Errorf("the store: %+v", store)
	}
	if len(status.Revocations) != 8 || status.Revocations["subject"] != 1 || status.Revocations["token"] != 0 {
		t.Errorf("the counts: %v", status.Revocations)
	}
	secret, err := os.ReadFile(l.secret.File)
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{strings.TrimSpace(string(secret)), "somebody", `"x"`, `"k"`} {
		if strings.Contains(text, hidden) {
			t.Errorf("the status shows %q", hidden)
		}
	}
	if _, config := l.Ask(t, http.MethodGet, "/config/", ""); strings.Contains(config, strings.TrimSpace(string(secret))) {
		t.Error("the configuration shows the secret")
	}
}

func TestReadyAnswersForHealthChecks(t *testing.T) {
	t.Parallel()
	l := start(t)
	var ready map[string]bool
	if l.get(t, "/botlatch/ready", &ready); len(ready) != 1 || !ready["ready"] {
		t.Errorf("ready: %v", ready)
	}
	for path, methods := range map[string][]string{
		"/botlatch/ready":       {"POST", "DELETE", "PUT"},
		"/botlatch/status":      {"POST", "DELETE", "PUT", "PATCH"},
		"/botlatch/revocations": {"PUT", "PATCH", "OPTIONS"},
	} {
		for _, method := range methods {
			if status, answer := l.Ask(t, method, path, ""); status != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: status %d: %s", method, path, status, answer)
			}
		}
	}
	for _, path := range []string{"/botlatch/", "/botlatch", "/botlatch/statuses", "/botlatch/status/x", "/botlatch/revocations/x"} {
		if status, _ := l.Ask(t, http.MethodGet, path, ""); status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func TestConfigurationWithoutALatchIsNotFound(t *testing.T) {
	t.Parallel()
	l := start(t)
	l.Rewrite("{\n\tadmin {$ADMIN}\n}\nhttp://127.0.0.1:{$PORT} {\n\trespond ok\n}\n")
	if _, stderr, code := l.Command(t.Context(), "", "reload", "--config", "Caddyfile"); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, path := range []string{"/botlatch/status", "/botlatch/ready", "/botlatch/revocations"} {
		if status, answer := l.Ask(t, http.MethodGet, path, ""); status != http.StatusNotFound {
			t.Errorf("%s: status %d: %s", path, status, answer)
		}
	}
}

// TestL4_OverTCPAWriteNeedsAnAllowedOrigin: a page in somebody's browser can reach the port.
func TestL4_OverTCPAWriteNeedsAnAllowedOrigin(t *testing.T) {
	t.Parallel()
	address := latchtest.FreeAddress(t)
	l := prepare(t, strings.ReplaceAll(site, "{$ADMIN}", address))
	l.Admin = address
	l.Run()
	token := l.token(t, "ana")
	for origin, want := range map[string]int{
		"": 403, "null": 400, "https://evil.example": 403, "http://" + address + ".evil.example": 403, "http://" + address: 200,
	} {
		for _, method := range []string{http.MethodPost, http.MethodDelete} {
			if got := ask(t, method, "http://"+address+"/botlatch/revocations", origin, `{"token":"`+token+`"}`); got != want {
				t.Errorf("%s with Origin %q: status %d, want %d", method, origin, got, want)
			}
			opens := http.StatusOK
			if want == http.StatusOK && method == http.MethodPost {
				opens = http.StatusUnauthorized
			}
			if got := l.status(t, token); got != opens {
				t.Errorf("after %s with Origin %q the token gets %d, want %d", method, origin, got, opens)
			}
		}
	}
	by, _ := l.audited(t, "revoked", 1)[0]["by"].(string)
	if !strings.HasPrefix(by, "admin API, 127.0.0.1:") || !strings.HasSuffix(by, ", origin http://"+address) {
		t.Errorf("the audit says %q", by)
	}
}

// ask sends a request with an Origin and returns the status.
func ask(t *testing.T, method, url, origin, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if origin != "" {
		req.Header.Set("Origin", origin)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
