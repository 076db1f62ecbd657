package login_test

import (
	"strings"
	"testing"
)

const (
	leave = `{location = "/.botlatch/"; return ""}`
	out   = `form[action="/.botlatch/out"] button`
	links = `[...document.querySelectorAll("a")].map((a) => a.textContent).join(" + ")`
)

// signOut is a press on Sign out, on the latch's own page.
func (b *tab) signOut() {
	b.t.Helper()
	b.script(leave)
	b.becomes(title, "You are signed in")
	b.press(out)
	b.becomes(title+" + "+status, signedOut+"200")
}

// TestAnaSignsOut of the lock, and stays signed in at the provider: one press, and she is in again. Then of the provider, too: it
// asks who she is.
func TestAnaSignsOut(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	s.signIn(b, "ana")
	s.watched(t, 1)
	other := b.another()
	other.open(s.origin + "/")
	s.isIn(other)
	s.watched(t, 2)

	other.signOut()
	s.watched(t, 0)
	b.becomes(acts, "nobody knows how many")
	b.press("#open")
	b.becomes(said, "That did not work: 401")
	s.acted(t, 0)
	if n := s.sessions(t); n != 0 {
		t.Errorf("%d sessions", n)
	}
	s.isOut(b)
	b.press(toProvider)
	s.isIn(b) // the provider did not ask

	b.signOut()
	b.becomes(links, "Sign out at "+s.host()+", too + Sign in again")
	b.press("a")
	b.becomes("location.origin", s.issuer)
	b.press(`button[name="logout"]`)
	b.becomes("location.origin + location.pathname", s.issuer+"/session/end/success")
	s.toTheProvider(b) // which asks
	b.press(button("ben"))
	b.becomes(title, nothing)
}

// TestSigningOutAfterARestart of the latch: what the provider wants to see is lost, so the page does not offer what would not work.
func TestSigningOutAfterARestart(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	s.signIn(b, "ana")
	s.latch.Kill()
	s.latch.Run()
	b.open(s.origin + "/")
	s.isIn(b) // the session is as good as it was
	b.signOut()
	b.becomes(links, "Sign in again")
	if text := b.script("document.documentElement.outerHTML"); strings.Contains(text, s.host()) {
		t.Error("the page speaks of the provider")
	}
	s.isOut(b)
}

// TestSigningOutWhileTheProviderIsDown works: it is the latch's own.
func TestSigningOutWhileTheProviderIsDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	s.signIn(b, "ana")
	s.killProvider()
	b.signOut()
	s.isOut(b)
	if n := s.sessions(t); n != 0 {
		t.Errorf("%d sessions", n)
	}
}
