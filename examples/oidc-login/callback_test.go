package login_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// refuses asserts that a callback lets nobody in, and that the page says why.
func (s *stage) refuses(b *tab, callback string) {
	b.t.Helper()
	b.open(callback)
	b.becomes(title+" + "+status, notHere+"400")
	s.isOut(b)
}

// TestACallbackCountsOnceAndInTheBrowserThatWent: who sends it to somebody signs nobody in as himself (login CSRF), and who
// finds it in a history gets nothing.
func TestACallbackCountsOnceAndInTheBrowserThatWent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	stranger := b.stranger()
	s.toTheProvider(b)
	callback := b.caught(button("ana"))
	for _, name := range []string{"state", "code", "iss"} {
		if queryOf(t, callback, name) == "" {
			t.Fatalf("the callback has no %s", name)
		}
	}

	s.refuses(stranger, callback)
	stranger.open(s.origin + "/")
	stranger.press(toProvider)
	s.isAsked(stranger)
	s.refuses(stranger, callback) // not even in a browser that is on its own way

	b.open(callback)
	s.isIn(b)
	if n := s.sessions(t); n != 1 {
		t.Errorf("%d sessions", n)
	}
	s.refuses(stranger, callback)
	again := b.another()
	again.open(callback)
	again.becomes(title+" + "+status, notHere+"400")
	b.press("#open")
	b.becomes(acts, "1") // and who was in stays in
	if n := s.sessions(t); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// TestACodeOfAnotherFlowIsWorthless: Mallory puts Ana's code into his own way back, or Ana is made to come back with Mallory's.
func TestACodeOfAnotherFlowIsWorthless(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	mallory := b.stranger()
	s.toTheProvider(b)
	ana := b.caught(button("ana"))
	s.toTheProvider(mallory)
	his := mallory.caught(button("mallory"))

	mallory.open(with(t, his, "code", queryOf(t, ana, "code")))
	mallory.becomes(title+" + "+status, s.host()+" did not sign you in403")
	s.isOut(mallory)
	s.toTheProviderAgain(mallory)
	his = mallory.caught(button("mallory"))
	mallory.open(with(t, his, "iss", "https://evil.example.com"))
	mallory.becomes(title+" + "+status, "Signing in did not work403")
	s.isOut(mallory)
	if n := s.sessions(t); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// toTheProviderAgain is for a browser that the provider knows nothing of, or does not want to.
func (s *stage) toTheProviderAgain(b *tab) {
	b.t.Helper()
	b.do(chromedp.Func(forget))
	s.toTheProvider(b)
}

// with is a URL with another parameter.
func with(t *testing.T, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("no URL")
	}
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = query.Encode()
	return u.String()
}

// TestTwoTabsSignInAtOnce, and neither spoils the other's way.
func TestTwoTabsSignInAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	other := b.another()
	s.toTheProvider(b)
	s.toTheProvider(other)
	b.press(button("ana"))
	s.isIn(b)
	other.press(button("ana"))
	s.isIn(other)
	other.press("#open")
	other.becomes(acts, "1")
	b.open(s.origin + "/")
	b.becomes(acts, "1")
	b.press("#open")
	b.becomes(acts, "2")
}

// TestBackDoesNoHarm: whatever stands behind, it lets nobody in twice, throws nobody out, and acts on nothing.
func TestBackDoesNoHarm(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	s.signIn(b, "ana")
	b.press("#open")
	b.becomes(acts, "1")
	entries := b.history()
	if at := strings.Join(entries, " "); strings.Contains(at, "callback") || !strings.Contains(at, s.issuer) {
		t.Errorf("the history is of %d pages, with the callback among them: %t", len(entries), strings.Contains(at, "callback"))
	}
	for i := len(entries) - 2; i > 0; i-- { // the first is the empty tab
		b.back()
		b.becomes("location.href === "+strconv.Quote(entries[i])+" && document.readyState", "complete")
	}
	s.isIn(b) // where the sign-in page was
	b.becomes(acts, "1")
	b.open(s.origin + "/")
	s.isIn(b)
	b.becomes(acts, "1")
	b.press("#open")
	b.becomes(acts, "2")
	s.acted(t, 2)
	if n := s.sessions(t); n != 1 {
		t.Errorf("%d sessions", n)
	}
}
