package oidc

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/botlatch/botlatch/caddymodule/session"
)

const (
	// flowCookiePrefix: browsers take __Host-Http- only from an answer over HTTPS, for this host alone, and never from a script.
	flowCookiePrefix = "__Host-Http-botlatch-flow-"
	// maxFlows bounds what an abandoned sign-in after another leaves in a browser, and sends with each request.
	maxFlows = 4
)

// newFlowCookie is a cookie for value; "": one that takes it away. It is Lax: the way back begins at the provider.
func newFlowCookie(name, value string) *http.Cookie {
	life := int(flowLife / time.Second)
	if value == "" {
		life = -1
	}
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: life, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// Spent is the cookie that the answer to a callback must set, whatever came of it: it takes the flow away, so that nobody ends it
// twice. Nil: the request names no flow that its browser holds.
func Spent(r *http.Request) *http.Cookie {
	state, ok := stateOf(r)
	if !ok {
		return nil
	}
	name := flowCookieName(state)
	if !slices.Contains(flowCookies(r), name) {
		return nil
	}
	return newFlowCookie(name, "")
}

// flowCookies names the flows of a browser, each once.
func flowCookies(r *http.Request) (names []string) {
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, flowCookiePrefix) && !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// crowded takes away what a new flow has no room for: the oldest, and before them what cannot be read. A flow of another port of
// this host may be one that another latch can read, so it is left alone while there is room.
func crowded(r *http.Request, key Key, now time.Time) (gone []*http.Cookie) {
	type held struct {
		name  string
		began int64
	}
	var flows []held
	for _, name := range flowCookies(r) {
		f, err := unseal(key, name, session.Find(r, name))
		switch {
		case err != nil:
			flows = append(flows, held{name, 0})
		case f.over(now):
			gone = append(gone, newFlowCookie(name, ""))
		default:
			flows = append(flows, held{name, f.Began})
		}
	}
	slices.SortStableFunc(flows, func(a, b held) int { return cmp.Compare(a.began, b.began) })
	for ; len(flows) >= maxFlows; flows = flows[1:] {
		gone = append(gone, newFlowCookie(flows[0].name, ""))
	}
	return gone
}
