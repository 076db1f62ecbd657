package oidc_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestARevokedTokenIsRefused although its provider cannot take it back: JWTs are none of its memory's.
func TestARevokedTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	token, other := s.token(t, "observe"), s.token(t, "observe")
	s.is(t, http.StatusOK, token)
	if status, code := s.revokeAtProvider(t, token); status != http.StatusBadRequest || code != "unsupported_token_type" { // RFC 7009 §2.2.1
		t.Errorf("the provider: %d %s", status, code)
	}
	s.is(t, http.StatusOK, token) // the gap

	if _, stderr, code := s.latch.Command(t.Context(), token, "botlatch", "revoke", "--token", "-"); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	s.is(t, http.StatusUnauthorized, token)
	s.is(t, http.StatusOK, other)
	s.latch.Stop()
	s.latch.Run()
	s.is(t, http.StatusUnauthorized, token)
	s.is(t, http.StatusOK, other)
	if _, metrics := s.latch.Ask(t, http.MethodGet, "/metrics", ""); !strings.Contains(metrics, `reason="revoked"} 1`+"\n") {
		t.Error("it is refused, and not because it is revoked")
	}

	if _, stderr, code := s.latch.Command(t.Context(), "", "botlatch", "revoke", "--issuer", s.issuer, "--sub", "app"); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	s.is(t, http.StatusUnauthorized, other)
	s.is(t, http.StatusUnauthorized, s.token(t, "observe"))
	s.undisturbed(t)
}

// revokeAtProvider asks the provider to revoke a token (RFC 7009 §2.1), and returns its status and the error of its answer.
func (s *stage) revokeAtProvider(t *testing.T, token string) (status int, code string) {
	t.Helper()
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}.Encode()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.issuer+"/token/revocation", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("app", s.secret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct{ Error string }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer.Error
}
