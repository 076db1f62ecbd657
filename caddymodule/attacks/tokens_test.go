package attacks_test

import (
	"net/http"
	"strings"
	"testing"
)

// tryToken asks the bot at address to move something with a token.
func tryToken(t *testing.T, address, token string) answer {
	t.Helper()
	return getWith(t, address, "/servo/10", token)
}

// getWith asks for a path with a token.
func getWith(t *testing.T, address, path, token string) answer {
	t.Helper()
	return exchange(t, address, []byte("GET "+path+" HTTP/1.1\r\nHost: "+address+"\r\nAuthorization: Bearer "+token+"\r\n\r\n"))
}

// opens demands that each token moves the bot: refusals beside it prove something.
func (s *stage) opens(t *testing.T, tokens map[string]string) {
	t.Helper()
	for name, token := range tokens {
		before := s.bot.Hits()
		if got := tryToken(t, s.address(), token); got.status != http.StatusOK || s.bot.Hits() != before+1 {
			t.Errorf("%s: status %d, want 200, and the bot got %d requests", name, got.status, s.bot.Hits()-before)
		}
	}
}

// forbids demands that no token moves the bot, and that each is told no more than that it is not accepted.
func (s *stage) forbids(t *testing.T, tokens map[string]string) {
	t.Helper()
	for name, token := range tokens {
		before := s.bot.Hits()
		got := tryToken(t, s.address(), token)
		switch {
		case got.status != http.StatusUnauthorized:
			t.Errorf("%s: status %d, want 401", name, got.status)
		case !strings.Contains(got.header.Get("WWW-Authenticate"), `error="invalid_token"`):
			t.Errorf("%s: challenge %q", name, got.header.Get("WWW-Authenticate"))
		case s.settled(before) != before:
			t.Errorf("%s: the bot was reached", name)
		}
	}
	s.honest(t)
}

// revoke asks the admin API to take something out.
func (s *stage) revoke(t *testing.T, body string) {
	t.Helper()
	if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", body); status != http.StatusOK {
		t.Fatalf("revoking: status %d: %s", status, answer)
	}
}

// restore takes it back.
func (s *stage) restore(t *testing.T, body string) {
	t.Helper()
	if status, answer := s.latch.Ask(t, http.MethodDelete, "/botlatch/revocations", body); status != http.StatusOK {
		t.Fatalf("restoring: status %d: %s", status, answer)
	}
}

// refusals are how often the latch refused for a reason, as its metrics tell.
func (s *stage) refusals(t *testing.T, reason string) string {
	t.Helper()
	_, metrics := s.latch.Ask(t, http.MethodGet, "/metrics", "")
	for line := range strings.Lines(metrics) {
		if strings.HasPrefix(line, `botlatch_requests_total{outcome="deny",reason="`+reason+`"} `) {
			return strings.TrimSpace(line[strings.LastIndexByte(line, ' '):])
		}
	}
	return "0"
}
