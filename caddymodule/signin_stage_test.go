package caddymodule_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// signInSite has a page and what it may do, and all doors that need nobody else.
const signInSite = `https://localhost:{$TLS_PORT} {
	tls {$CERT} {$KEY}
	botlatch {
		audience ` + audience + ` https://localhost:{$TLS_PORT}
		sign_in {
			invite
			token
		}
		allow GET      /              any_token
		allow GET,POST /door/open     scope door:open
		allow GET,WS   /live          scope observe
		allow GET      /act           scope door:open
		public GET     /health
	}
	reverse_proxy {$BOT}
}
`

const sessionCookie = "__Host-Http-botlatch-"

func newSignInStage(t *testing.T, replace ...string) *stage {
	t.Helper()
	return newStage(t, strings.NewReplacer(replace...).Replace(signInSite))
}

// invited is a browser that has taken an invitation.
func (s *stage) invited(t *testing.T, scope ...string) *latchtest.Browser {
	t.Helper()
	b := s.latch.NewBrowser(t)
	if a := b.Take(t, s.latch.Invite(t, "ana", scope...)); a.StatusCode != http.StatusOK || a.Request.URL.Path != "/" {
		t.Fatalf("taking an invitation: status %d at %s", a.StatusCode, a.Request.URL.Path)
	}
	return b
}

// answers asserts what b gets, and whether the bot gets something.
func (s *stage) answers(t *testing.T, b *latchtest.Browser, path string, fields map[string]string, status int) latchtest.Answer {
	t.Helper()
	before := s.bot.Hits()
	a := b.Ask(t, path, fields, nil)
	if reached := s.bot.Hits() > before; a.StatusCode != status || reached != (status == http.StatusOK) {
		t.Errorf("%s: status %d, want %d; the bot was reached: %t", path, a.StatusCode, status, reached)
	}
	return a
}

// mintFor is mint for other audiences.
func (s *stage) mintFor(t *testing.T, audience []string, scope ...string) string {
	t.Helper()
	return s.key.Mint(t, issue.Token{Issuer: issuerName, Subject: "ana", Audience: audience, Scope: scope})
}

// counter is how many decisions there were.
func (s *stage) counter(t *testing.T, outcome, reason string) int {
	t.Helper()
	_, counters := s.metrics(t)
	n, _ := strconv.Atoi(counters[outcome+" "+reason])
	return n
}
