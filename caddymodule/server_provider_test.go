package caddymodule_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestAnAccessTokenOfAnotherIssuerGivesNothing at a provider's door: what a session rests on would name it wrongly, and
// revoking it would not end the session.
func TestAnAccessTokenOfAnotherIssuerGivesNothing(t *testing.T) {
	t.Parallel()
	s, p := newProviderStage(t)
	p.access = func() string { return s.mintFor(t, []string{s.latch.TLSURL}, "door:open") }
	b := s.latch.NewBrowser(t)
	if a := b.Ask(t, p.begin(t, b), latchtest.External, nil); a.StatusCode != http.StatusOK {
		t.Fatalf("status %d", a.StatusCode)
	}
	s.answers(t, b, "/", latchtest.Typed, http.StatusOK)
	s.answers(t, b, "/act", latchtest.Fetch, http.StatusForbidden)
}

// TestB23_ARevocationIsNotOutrunByAClock that is ahead: what a session rests on was issued before the session began.
func TestB23_ARevocationIsNotOutrunByAClock(t *testing.T) {
	t.Parallel()
	s, p := newProviderStage(t)
	p.ahead = 2 * time.Minute
	b := s.latch.NewBrowser(t)
	b.Ask(t, p.begin(t, b), latchtest.External, nil)
	s.answers(t, b, "/", latchtest.Typed, http.StatusOK)
	body := `{"kind":"subject","iss":"` + p.URL + `","value":"ana","issued_before":"now"}`
	if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", body); status != http.StatusOK {
		t.Fatalf("%d: %s", status, answer)
	}
	s.answers(t, b, "/", latchtest.Typed, http.StatusUnauthorized)
}

// TestB17_ASignInAtAProviderEndsTheOldSession although the browser sends no Strict cookie on the way back.
func TestB17_ASignInAtAProviderEndsTheOldSession(t *testing.T) {
	t.Parallel()
	s, p := newProviderStage(t)
	b := s.invited(t, "door:open")
	kept := s.latch.NewBrowser(t)
	at, _ := url.Parse(s.latch.TLSURL)
	kept.Jar.SetCookies(at, b.Cookies())
	callback := p.begin(t, b)
	back := s.latch.NewBrowser(t) // b, without what is Strict
	for _, c := range b.Cookies() {
		if len(c.Name) > len(sessionCookie)+8 {
			back.Jar.SetCookies(at, []*http.Cookie{c})
		}
	}
	if a := back.Ask(t, callback, latchtest.External, nil); a.StatusCode != http.StatusOK {
		t.Fatalf("status %d", a.StatusCode)
	}
	s.answers(t, kept, "/act", latchtest.Fetch, http.StatusUnauthorized)
}

// TestB25_ACallbackIsNoWayToFloodAProvider the flow's cookie is in the hands of whoever asks, and can be sent again.
func TestB25_ACallbackIsNoWayToFloodAProvider(t *testing.T) {
	t.Parallel()
	s, p := newProviderStage(t)
	p.email = "somebody@example.com"
	b := s.latch.NewBrowser(t)
	callback := p.begin(t, b)
	flow := b.Cookies()
	at, _ := url.Parse(s.latch.TLSURL)
	for range 100 {
		b.Jar.SetCookies(at, flow)
		b.Ask(t, callback, latchtest.External, nil)
	}
	if n := p.tokens.Load(); n == 0 || n > 40 {
		t.Errorf("the provider was asked for tokens %d times", n)
	}
}
