package oidc_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
)

// TestAClientFindsItsWayByTheChallenge: it knows the bot's URL and has an account, and nothing else.
func TestAClientFindsItsWayByTheChallenge(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var lines []line
	hits := s.bot.during(func() { lines = s.node(t, "client.js", http.MethodPost, s.latch.URL+"/api/door/unlock") })
	if hits != 1 || len(lines) != 2 {
		t.Fatalf("the bot was reached %d times: %+v", hits, lines)
	}
	if l, want := lines[0], s.challenge("scope", "door:unlock"); l.Status != http.StatusUnauthorized || !maps.Equal(l.Challenge, want) {
		t.Errorf("%+v, want 401 %v", l, want)
	}
	if l := lines[1]; l.Status != http.StatusOK || !strings.Contains(l.Body, `"locked":false`) {
		t.Errorf("%+v, want 200 and an open door", l)
	}
}

// TestAClientGivesItsSecretToNoOtherProvider, whomever a resource names.
func TestAClientGivesItsSecretToNoOtherProvider(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	hits := s.bot.during(func() {
		out, err := s.run(t, "https://id.example.com", "client.js", http.MethodPost, s.latch.URL+"/api/door/unlock")
		if err == nil || !strings.Contains(out, "no account at any provider of this resource") {
			t.Errorf("%v\n%s", err, out)
		}
	})
	if hits != 0 {
		t.Errorf("the bot was reached %d times", hits)
	}
}

// TestAClientsLibraryReadsTheChallenges, each of them.
func TestAClientsLibraryReadsTheChallenges(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const code, text = "error", "error_description"
	want := map[string]line{
		"no token":      {Status: http.StatusUnauthorized, Challenge: s.challenge("scope", "observe")},
		"invalid token": {Status: http.StatusUnauthorized, Challenge: s.challenge(code, "invalid_token", text, "The access token is not accepted")},
		"no JWT":        {Status: http.StatusUnauthorized, Challenge: s.challenge(code, "invalid_token", text, "The access token is not accepted")},
		"two tokens": {Status: http.StatusBadRequest, Challenge: s.challenge(code, "invalid_request",
			text, "The request carries more than one token")},
		"insufficient scope": {Status: http.StatusForbidden, Challenge: s.challenge(code, "insufficient_scope", "scope", "door:unlock")},
		"enough scope":       {Status: http.StatusOK},
	}
	var lines []line
	hits := s.bot.during(func() { lines = s.node(t, "challenges.js", s.latch.URL) })
	if hits != 1 || len(lines) != len(want) {
		t.Errorf("the bot was reached %d times, by %d answers", hits, len(lines))
	}
	for _, l := range lines {
		w, known := want[l.Name]
		if !known || l.Status != w.Status || !maps.Equal(l.Challenge, w.Challenge) || w.Challenge != nil && l.Challenges != 1 {
			t.Errorf("%+v, want %+v", l, w)
		}
		delete(want, l.Name)
	}
}

// challenge is one of this site: names and values beside those that all have.
func (s *stage) challenge(parameters ...string) map[string]string {
	c := map[string]string{"realm": "botlatch", "resource_metadata": s.latch.URL + "/.well-known/oauth-protected-resource"}
	for i := 0; i < len(parameters); i += 2 {
		c[parameters[i]] = parameters[i+1]
	}
	return c
}
