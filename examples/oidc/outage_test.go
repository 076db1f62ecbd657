package oidc_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTokensGoOnWhileTheProviderIsDown, and over a restart of the latch meanwhile, which begins with the keys that it has saved.
func TestTokensGoOnWhileTheProviderIsDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	token := s.token(t, "observe")
	forged := forge(token, s.token(t, "observe"))
	s.is(t, http.StatusOK, token)
	s.provider.Kill()
	check := func() {
		t.Helper()
		s.is(t, http.StatusOK, token)
		s.is(t, http.StatusUnauthorized, forged)
	}
	check()
	time.Sleep(2 * fresh) // the keys are stale, and there are none that are fresher
	check()
	for _, end := range []func(){s.latch.Stop, s.latch.Kill} {
		end()
		s.latch.Run()
		check()
	}

	s.rotate(t, "publish", "use", "retire") // in the dark
	check()
	s.restartProvider(t)
	s.becomes(t, http.StatusOK, s.token(t, "observe"))
	s.is(t, http.StatusUnauthorized, token)
	s.undisturbed(t)
}

// TestALatchWithoutKeysWaitsForThem: nobody comes in, nobody is told to throw a token away, and nobody has to start it again.
func TestALatchWithoutKeysWaitsForThem(t *testing.T) {
	t.Parallel()
	s := prepareStage(t)
	token := s.token(t, "observe")
	forged := forge(token, s.token(t, "observe"))
	s.provider.Kill()
	s.latch.RunUnready()
	s.becomes(t, http.StatusServiceUnavailable, token)
	if _, header := s.looks(t.Context(), token); header.Get("Retry-After") == "" || header.Get("WWW-Authenticate") != "" {
		t.Errorf("a client is not told to wait: Retry-After %q, WWW-Authenticate %q", header.Get("Retry-After"), header.Get("WWW-Authenticate"))
	}
	s.is(t, http.StatusServiceUnavailable, forged) // who could tell?
	s.is(t, http.StatusUnauthorized, "x")          // no key makes a token of that
	if status, _ := s.latch.Ask(t, http.MethodGet, "/botlatch/ready", ""); status != http.StatusServiceUnavailable {
		t.Errorf("ready: status %d", status)
	}
	if n := s.bot.hits.Load(); n != 0 {
		t.Errorf("the bot was reached %d times", n)
	}

	s.restartProvider(t)
	// The client waits as it is told, and the token that it has is good.
	if lines := s.node(t, "client.js", http.MethodGet, s.latch.URL+"/api/door"); len(lines) != 2 || lines[1].Status != http.StatusOK {
		t.Errorf("%+v", lines)
	}
	s.is(t, http.StatusOK, token)
	s.is(t, http.StatusUnauthorized, forged)
	if status, _ := s.latch.Ask(t, http.MethodGet, "/botlatch/ready", ""); status != http.StatusOK {
		t.Errorf("ready: status %d", status)
	}
}

// forge is a token with the signature of another.
func forge(token, another string) string {
	return token[:strings.LastIndex(token, ".")] + another[strings.LastIndex(another, "."):]
}
