package attacks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// lockSite is a site behind which people sign in. {$RULES} says what they may do there, {$SIGN_IN} more about how.
const lockSite = `
https://lock.home.test:{$TLS_PORT} {
	bind 127.0.0.1
	tls {$CERT} {$KEY}
	log
	botlatch {
		audience https://lock.home.test:{$TLS_PORT}
		sign_in {
			invite
			token
			{$SIGN_IN}
		}
		{$RULES}
	}
	reverse_proxy {$BOT}
}
`

// actRules are for a bot with a page, whose GETs act. What is below /public/ is open to everybody.
const actRules = `
		public GET         /public/*
		allow GET,POST,WS  /act/*    scope act
		allow GET,WS       /live/*   any_token
		allow GET          / /page/* /sw.js any_token
		allow GET          /secret   scope nobody:has
`

// browserStage is a bot with a page, a latch in front of it, and a Chromium.
type browserStage struct {
	bot    *pageBot
	latch  *latchtest.Latch
	key    latchtest.Key
	origin string
	pin    string            // what Chromium knows the certificate by
	words  map[string]string // what the words of the Caddyfile mean
	site   string
}

// A browserOption changes what the latch starts with.
type browserOption func(s *browserStage)

// signInSays adds to sign_in.
func signInSays(line string) browserOption {
	return func(s *browserStage) { s.words["{$SIGN_IN}"] = line }
}

// before puts the latch before another bot.
func before(address, rules string) browserOption {
	return func(s *browserStage) { s.words["{$BOT}"], s.words["{$RULES}"] = address, rules }
}

func newBrowserStage(t *testing.T, changes ...browserOption) *browserStage {
	t.Helper()
	latchtest.Need(t, "chromium")
	s := &browserStage{bot: startPageBot(t), key: latchtest.NewKey(t, jose.EdDSA), site: lockSite}
	s.words = map[string]string{"{$SIGN_IN}": "", "{$BOT}": s.bot.address(), "{$RULES}": actRules}
	s.latch = latchtest.Prepare(t, "", "KEYS="+s.key.File)
	for _, change := range changes {
		change(s)
	}
	for word, means := range s.words {
		s.site = strings.ReplaceAll(s.site, word, means)
	}
	s.latch.Rewrite(options + s.site)
	s.origin = strings.Replace(s.latch.TLSURL, "localhost", "lock.home.test", 1)
	s.latch.TLSURL = s.origin
	s.latch.Run()
	s.pin = s.latch.Pin(t)
	return s
}

// browse starts a Chromium that nobody has signed in with.
func (s *browserStage) browse(t *testing.T) *tab {
	t.Helper()
	return startChromium(t, s.pin, nil)
}

// signedIn starts a Chromium with which ana has taken an invitation.
func (s *browserStage) signedIn(t *testing.T, scope ...string) *tab {
	t.Helper()
	b := s.browse(t)
	s.signIn(t, b, "ana", scope...)
	return b
}

// signIn takes an invitation, as a person does.
func (s *browserStage) signIn(t *testing.T, b *tab, name string, scope ...string) {
	t.Helper()
	b.open(s.latch.Invite(t, name, scope...))
	b.press("#open")
	b.becomes("location.href", s.origin+"/")
}

// arrives waits until the access log has a request for a path, with or without a query, and returns the status it got.
func (s *browserStage) arrives(t *testing.T, path string) (status string) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if status := s.arrived(path); status != "" {
			return status
		}
	}
	t.Errorf("%s did not arrive", path)
	return ""
}

// refuses waits until the last request for a path got 401.
func (s *browserStage) refuses(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if s.arrived(path) == "401" {
			return
		}
	}
	t.Errorf("%s got %q last", path, s.arrived(path))
}

// arrived is the status that the last request for a path got; "": there is none in the access log.
func (s *browserStage) arrived(path string) (status string) {
	for line := range strings.Lines(s.latch.Log()) {
		if !strings.Contains(line, `"uri":"`+path+`"`) && !strings.Contains(line, `"uri":"`+path+`?`) {
			continue
		}
		if _, rest, ok := strings.Cut(line, `"status":`); ok {
			status = rest[:3]
		}
	}
	return status
}

// token is one of ana's for this site.
func (s *browserStage) token(t *testing.T, scope ...string) string {
	t.Helper()
	return s.key.Mint(t, issue.Token{Issuer: issuerName, Subject: "ana", Audience: []string{s.origin}, Scope: scope})
}
