package login_test

import (
	"io"
	"net/http"
	"testing"

	"golang.org/x/oauth2"
)

// TestProgramsBringTheProvidersAccessToken in a header, beside the browsers, and through no other door.
func TestProgramsBringTheProvidersAccessToken(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	access, id := s.tokens(t, b, "ana", "https://lock.example.com")
	for name, c := range map[string]struct {
		path, token string
		status      int
	}{
		"ok/acts":                {"/act", access, http.StatusOK},
		"ok/looks":               {"/acts", access, http.StatusOK},
		"deny/no rule":           {"/other", access, http.StatusForbidden},
		"deny/ID token":          {"/act", id, http.StatusUnauthorized},
		"deny/cut":               {"/act", access[:len(access)-4], http.StatusUnauthorized},
		"deny/nothing":           {"/act", "", http.StatusUnauthorized},
		"deny/no way to sign in": {"/.botlatch/me", access, http.StatusUnauthorized},
	} {
		before := s.asked(t).Acts
		if got := s.asks(t, c.path, c.token); got != c.status {
			t.Errorf("%s: status %d, want %d", name, got, c.status)
		}
		want := before
		if name == "ok/acts" {
			want++
		}
		s.acted(t, want)
	}
	if n := s.sessions(t); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// tokens has somebody sign in for a program: the code that came back is taken from the browser on its way.
func (s *stage) tokens(t *testing.T, b *tab, account, resource string) (access, id string) {
	t.Helper()
	client := oauth2.Config{
		ClientID: "lock-public", RedirectURL: s.origin + "/.botlatch/callback", Scopes: []string{"openid", "door:open", "observe"},
		Endpoint: oauth2.Endpoint{AuthURL: s.issuer + "/auth", TokenURL: s.issuer + "/token", AuthStyle: oauth2.AuthStyleInParams},
	}
	verifier, lock := oauth2.GenerateVerifier(), oauth2.SetAuthURLParam("resource", resource)
	b.open(client.AuthCodeURL("a state", oauth2.S256ChallengeOption(verifier), lock))
	code := queryOf(t, b.caught(button(account)), "code")
	got, err := client.Exchange(t.Context(), code, oauth2.VerifierOption(verifier), lock)
	if err != nil {
		t.Fatal("no tokens")
	}
	id, _ = got.Extra("id_token").(string)
	return got.AccessToken, id
}

// asks is a program's request to the lock.
func (s *stage) asks(t *testing.T, path, token string) (status int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.origin+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := s.latch.TLSClient(false).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}
