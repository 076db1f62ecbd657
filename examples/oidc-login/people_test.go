package login_test

import "fmt"

// Expressions of a page.
const (
	title  = `document.title`
	status = `performance.getEntriesByType("navigation")[0].responseStatus`
	acts   = `document.getElementById("acts").textContent`
	said   = `document.getElementById("said").textContent`
	me     = `fetch("/.botlatch/me").then(async (a) => a.ok ? await a.text() : a.status)`
)

// Pages, by their titles.
const (
	lock      = "Lock"
	signIn    = "Sign in" // also the provider's
	nothing   = "Nobody has given you anything here"
	notHere   = "This sign-in did not begin in this browser"
	revoked   = "You are not let in any more"
	signedOut = "You are signed out"
)

const toProvider = `form[action="/.botlatch/oidc"] button`

// button is that of an account, at the provider; "": Cancel.
func button(account string) string { return fmt.Sprintf(`button[value=%q]`, account) }

// toTheProvider goes from the lock to the page that asks who one is.
func (s *stage) toTheProvider(b *tab) {
	b.t.Helper()
	b.open(s.origin + "/")
	b.becomes(title+" + "+status, signIn+"401")
	b.press(toProvider)
	s.isAsked(b)
}

// isAsked waits until the provider asks who one is.
func (s *stage) isAsked(b *tab) {
	b.t.Helper()
	b.becomes(`location.origin + document.querySelector("h1").textContent`, s.issuer+"Who are you?")
}

// signIn is all that a person does.
func (s *stage) signIn(b *tab, account string) {
	b.t.Helper()
	s.toTheProvider(b)
	b.press(button(account))
	s.isIn(b)
}

// isIn waits until the lock's own page is there.
func (s *stage) isIn(b *tab) {
	b.t.Helper()
	b.becomes("location.href + document.title", s.origin+"/"+lock)
}

// isOut asserts that the browser has no session: with one the front page is the lock.
func (s *stage) isOut(b *tab) {
	b.t.Helper()
	b.open(s.origin + "/")
	b.becomes(title+" + "+status, signIn+"401")
}
