package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
)

// TestTokensOfASecretAreRevokedUnderAnEmptyIssuer: a site's own secret has no name, and its ana is nobody else's.
func TestTokensOfASecretAreRevokedUnderAnEmptyIssuer(t *testing.T) {
	t.Parallel()
	l := start(t)
	named := l.token(t, "ana")
	nameless := l.secret.Mint(t, issue.Token{Subject: "ana"})
	undated := l.secret.Sign(t, "", `{"sub":"ana","exp":4102444800}`)
	check := func(token string, want int) {
		t.Helper()
		before := l.bot.Hits()
		if got := l.status(t, token); got != want || (l.bot.Hits() != before) != (want == http.StatusOK) {
			t.Errorf("status %d, want %d", got, want)
		}
	}
	check(named, http.StatusOK)
	check(nameless, http.StatusOK)
	check(undated, http.StatusUnauthorized) // it would live for ever
	for _, c := range []struct {
		kind, body       string
		named, ofASecret int
	}{
		{"subject", `{"kind":"subject","iss":"","value":"ana"}`, http.StatusOK, http.StatusUnauthorized},
		{"subject", `{"kind":"subject","iss":"` + issuerName + `","value":"ana"}`, http.StatusUnauthorized, http.StatusOK},
		{"token", `{"token":"` + nameless + `"}`, http.StatusOK, http.StatusUnauthorized},
		{"token", `{"token":"` + named + `"}`, http.StatusUnauthorized, http.StatusOK},
		{"all", `{"kind":"all","issued_before":"now"}`, http.StatusUnauthorized, http.StatusUnauthorized},
	} {
		if status, answer := l.Ask(t, http.MethodPost, "/botlatch/revocations", c.body); status != http.StatusOK {
			t.Fatalf("status %d: %s", status, answer)
		}
		check(named, c.named)
		check(nameless, c.ofASecret)
		if _, metrics := l.Ask(t, http.MethodGet, "/metrics", ""); !strings.Contains(metrics, `botlatch_revocations{kind="`+c.kind+`"} 1`) {
			t.Errorf("the gauge of %s does not show it:\n%s", c.kind, metrics)
		}
		if status, answer := l.Ask(t, http.MethodDelete, "/botlatch/revocations", c.body); status != http.StatusOK {
			t.Fatalf("status %d: %s", status, answer)
		}
		check(named, http.StatusOK)
		check(nameless, http.StatusOK)
	}
}
