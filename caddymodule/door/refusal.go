package door

import (
	"net/http"
	"strings"
)

// WantsPage reports whether the answer to r is looked at by a person: a browser loads it into a tab. It decides about the
// form of a body, and about nothing else.
func WantsPage(r *http.Request) bool {
	mode := r.Header["Sec-Fetch-Mode"]
	if len(mode) == 0 {
		return strings.Contains(strings.ToLower(strings.Join(r.Header["Accept"], ",")), "text/html")
	}
	return len(mode) == 1 && mode[0] == "navigate"
}

// Refusal is the body of a refusal for people: what is the case, and the way in where signing in would help. The caller
// writes status and challenge.
func (d *Door) Refusal(h http.Header, status int, detail string, outside bool) []byte {
	d.protect(h)
	n := notice{"This does not work", detail + "."}
	name := "plain"
	switch {
	case outside:
		name = "outside"
	case status == http.StatusUnauthorized:
		name, n = "signin", notice{"Sign in", "This site is only for people whom its owner has let in."}
		probeWith(h) // it has the forms of the doors
	case status == http.StatusForbidden:
		n = notice{"You may not do this", "The owner has not allowed it, or not to you. If you need it, ask the owner."}
	case status == http.StatusServiceUnavailable:
		n.Title = "Not at the moment"
	case status == http.StatusBadGateway:
		n.Title = "The bot did not answer"
	}
	return d.render(name, n)
}
