package admin_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// found are the values on a page.
func found(t *testing.T, status int, answer string) string {
	t.Helper()
	var page struct{ Revocations []entry }
	if err := json.Unmarshal([]byte(answer), &page); err != nil || status != http.StatusOK {
		t.Fatalf("status %d: %s", status, answer)
	}
	var values []string
	for _, e := range page.Revocations {
		values = append(values, e.Value)
	}
	return strings.Join(values, " ")
}

func TestFiltersTheList(t *testing.T) {
	t.Parallel()
	l := start(t)
	for _, body := range []string{
		`{"kind":"subject","iss":"` + issuerName + `","value":"ana-of-the-issuer"}`,
		`{"kind":"subject","iss":"","value":"ana-of-the-site"}`,
		`{"kind":"token","iss":"` + issuerName + `","value":"a-jti"}`,
	} {
		if status, answer := l.Ask(t, http.MethodPost, "/botlatch/revocations", body); status != http.StatusOK {
			t.Fatalf("status %d: %s", status, answer)
		}
	}
	for query, want := range map[string]string{
		"kind=token":                      "a-jti",
		"kind=key":                        "",
		"kind=&limit=&after=&since=&iss=": "ana-of-the-site",
		"kind=subject&iss=https://id.example.com/":     "ana-of-the-issuer",
		"iss=https%3A%2F%2Fid.example.com":             "",
		"since=2100-01-01T00:00:00Z":                   "",
		"kind=token&since=2020-01-01T00:00:00%2B01:00": "a-jti",
	} {
		status, answer := l.Ask(t, http.MethodGet, "/botlatch/revocations?"+query, "")
		if got := found(t, status, answer); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for body, want := range map[string]string{
		`{"value":"a-jti"}`:                  "a-jti",
		`{"value":"a-jt"}`:                   "",
		`{"value":"a-jti","kind":"subject"}`: "",
		`{"iss":"","since":"2020-01-01T00:00:00Z","limit":5,"after":""}`: "ana-of-the-site",
	} {
		status, answer := l.Ask(t, http.MethodPost, "/botlatch/revocations/search", body)
		if got := found(t, status, answer); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	for _, query := range []string{
		"value=hush", "sub=ana", "Kind=token", "kind=person", "kind=token&kind=token", "limit=1&limit=1", "since=yesterday", "since=1700000000", "%zz", "a;b",
	} {
		if status, answer := l.Ask(t, http.MethodGet, "/botlatch/revocations?"+query, ""); status != http.StatusBadRequest || strings.Contains(answer, "hush") {
			t.Errorf("%s: status %d: %s", query, status, answer)
		}
	}
	for _, body := range []string{
		"", "{", "[]", `{"values":"a"}`, `{"kind":"person"}`, `{"kind":""}`, `{"limit":0}`, `{"limit":1001}`, `{"limit":"1"}`, `{"since":"yesterday"}`, `{"after":"x"}`,
	} {
		if status, answer := l.Ask(t, http.MethodPost, "/botlatch/revocations/search", body); status != http.StatusBadRequest {
			t.Errorf("%s: status %d: %s", body, status, answer)
		}
	}
	if status, _ := l.Ask(t, http.MethodGet, "/botlatch/revocations/search", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("GET of a search: status %d", status)
	}
	l.Stop() // then all of the log is there
	for _, name := range []string{"ana-of-the-issuer", "ana-of-the-site", "a-jti"} {
		if strings.Contains(l.Log(), name) {
			t.Errorf("the log shows %s", name)
		}
	}
}
