package admin_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// audited are the audit lines of a message, n of them: the app's, not those of the admin server. The log may come a little
// behind the answer, because it comes through a pipe.
func (l *latch) audited(t *testing.T, message string, n int) (lines []map[string]any) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		lines = nil
		for line := range strings.Lines(l.Log()) {
			var fields map[string]any
			if json.Unmarshal([]byte(line), &fields) == nil && fields["logger"] == "botlatch" && fields["msg"] == message {
				lines = append(lines, fields)
			}
		}
		if len(lines) >= n || time.Now().After(deadline) {
			break
		}
	}
	if len(lines) != n {
		t.Fatalf("%d audit lines %q, want %d", len(lines), message, n)
	}
	return lines
}

// TestEachChangeIsAudited also at level DEBUG, where Caddy logs events whole.
func TestEachChangeIsAudited(t *testing.T) {
	t.Parallel()
	l := prepare(t, strings.Replace(site, "auto_https off", "auto_https off\n\tdebug", 1))
	l.Run()
	const name = `"kind":"subject","iss":"` + issuerName + `","value":"ana-of-the-audit"`
	for _, c := range []struct {
		method, path, body, message string
		want                        map[string]any
	}{
		{
			http.MethodPost, "", `{` + name + `,"issued_before":"2026-01-02T15:04:05Z","reason":"lost phone"}`, "revoked",
			map[string]any{"level": "info", "kind": "subject", "iss": issuerName, "reason": "lost phone"},
		},
		{
			http.MethodDelete, "", `{` + name + `,"reason":"found again"}`, "restored",
			map[string]any{"level": "info", "kind": "subject", "iss": issuerName, "reason": "found again", "still_listed": false},
		},
		{
			http.MethodPost, "/import", `{"revocations":[{` + name + `,"at":"2026-01-02T15:04:05Z"}],"reason":"moved"}`, "imported",
			map[string]any{"level": "info", "entries": 1.0, "reason": "moved"},
		},
	} {
		for range 2 { // to ask again is no error, and it is audited again
			if status, answer := l.Ask(t, c.method, "/botlatch/revocations"+c.path, c.body); status != http.StatusOK {
				t.Fatalf("%s: status %d: %s", c.message, status, answer)
			}
		}
		lines := l.audited(t, c.message, 2)
		c.want["by"] = "admin API, unix socket"
		for key, want := range c.want {
			if lines[1][key] != want {
				t.Errorf("%s: %s is %v, want %v", c.message, key, lines[1][key], want)
			}
		}
		if _, ok := lines[0]["issued_before"]; ok != (c.message == "revoked") {
			t.Errorf("%s: issued_before is there: %t", c.message, ok)
		}
	}
	if all, _ := l.list(t, 10); len(all) != 1 {
		t.Errorf("the list is %+v", all)
	}
	const long = `{"revocations":[{` + name + `,"at":"2026-01-02T15:04:05Z"}],"reason":"a\nb"}`
	if status, answer := l.Ask(t, http.MethodPost, "/botlatch/revocations/import", long); status != http.StatusBadRequest {
		t.Errorf("a reason of two lines: status %d: %s", status, answer)
	}
	l.Stop() // then all of the log is there
	for _, event := range []string{"token_revoked", "revocation_removed", "revocations_imported"} {
		if !strings.Contains(l.Log(), `"msg":"event","name":"`+event+`"`) {
			t.Errorf("the log does not show the event %s", event)
		}
	}
	if strings.Contains(l.Log(), "ana-of-the-audit") {
		t.Error("the log shows a value")
	}
}

// TestAFullListSaysSo and takes what is there already, and what makes room.
func TestAFullListSaysSo(t *testing.T) {
	t.Parallel()
	l := prepare(t, strings.Replace(site, "revocation bolt {$STORE}", "revocation bolt {$STORE}\n\t\tmax_entries 2", 1))
	l.Run()
	entry := func(value string) string {
		return `{"kind":"token","iss":"` + issuerName + `","value":"` + value + `","reason":"test"}`
	}
	imported := func(values ...string) string {
		var all []string
		for _, v := range values {
			all = append(all, `{"kind":"token","iss":"`+issuerName+`","value":"`+v+`","at":"2026-01-02T15:04:05Z"}`)
		}
		return `{"revocations":[` + strings.Join(all, ",") + `]}`
	}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{http.MethodPost, "", entry("one"), 200},
		{http.MethodPost, "/import", imported("two", "three"), 507},
		{http.MethodPost, "", entry("two"), 200},
		{http.MethodPost, "", entry("three"), 507},
		{http.MethodPost, "", entry("two"), 200},
		{http.MethodPost, "/import", imported("one", "two"), 200},
		{http.MethodDelete, "", entry("one"), 200},
		{http.MethodPost, "", entry("three"), 200},
	} {
		status, answer := l.Ask(t, c.method, "/botlatch/revocations"+c.path, c.body)
		if status != c.status || status == http.StatusInsufficientStorage && !strings.Contains(answer, "raise max_entries") {
			t.Errorf("%s %s %s: status %d, want %d: %s", c.method, c.path, c.body, status, c.status, answer)
		}
	}
	if all, _ := l.list(t, 10); len(all) != 2 {
		t.Errorf("the list is %+v", all)
	}
	for message, want := range map[string]int{"revocation failed": 1, "import failed": 1, "revoked": 4, "imported": 1, "restored": 1} {
		failed := strings.HasSuffix(message, "failed")
		for _, line := range l.audited(t, message, want) {
			if failed != (line["level"] == "warn") || failed != (line["error"] != nil) || line["by"] != "admin API, unix socket" {
				t.Errorf("%v", line)
			}
		}
	}
}
