package caddymodule_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// reasonSites have a rule for each reason. Everything is logged, at DEBUG too.
const reasonSites = `{
	admin {$ADMIN}
	auto_https off
	debug
	botlatch {
		issuer ` + issuerName + ` {
			keys static {$KEYS} {$MORE_KEYS}
			audience ` + audience + `
		}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		public GET /open
		allow * /door scope door:open
		allow * /team claim team red
		allow * /now any_token {
			issued_within 10s
		}
		allow * /once any_token {
			once
		}
	}
	reverse_proxy {$BOT}
}
`

// reasonStage is a stage with a second key, so that a token must say which one signed it.
type reasonStage struct {
	stage

	second latchtest.Key
}

func newReasonStage(t *testing.T) *reasonStage {
	t.Helper()
	s := &reasonStage{second: latchtest.NewKey(t, jose.ES256)}
	s.bot, s.key = latchtest.StartBot(t), latchtest.NewKey(t, jose.EdDSA)
	s.latch = latchtest.Start(t, reasonSites, "BOT="+s.bot.Address(), "KEYS="+s.key.File, "MORE_KEYS="+s.second.File)
	return s
}

// payload is claims that are good, but for those in more.
func (s *reasonStage) payload(t *testing.T, typ, more string) string {
	t.Helper()
	return s.key.Sign(t, typ, `{"iss":"`+issuerName+`","aud":"`+audience+`","sub":"ana"`+more+`}`)
}

// unix is a time in seconds, as claims say it.
func unix(in time.Duration) string { return strconv.FormatInt(time.Now().Add(in).Unix(), 10) }

// reasons are one exchange for each reason that a request over loopback can meet.
func (s *reasonStage) reasons(t *testing.T) map[string]exchange {
	t.Helper()
	good := s.mint(t, "door:open")
	tampered := good[:len(good)-20] + strings.Repeat("A", 19) + good[len(good)-1:]
	used := s.mint(t)
	s.check(t, http.DefaultClient, s.latch.URL, exchange{method: "POST", path: "/once", token: used, status: 200})
	revoked := s.mint(t, "door:open")
	s.revoke(t, revoked)
	foreign := (&stage{key: latchtest.NewKey(t, jose.EdDSA)}).mint(t, "door:open")
	other := s.key.Mint(t, issue.Token{Issuer: "https://evil.example.com/", Subject: "ana", Audience: []string{audience}})
	elsewhere := s.key.Mint(t, issue.Token{Issuer: issuerName, Subject: "ana", Audience: []string{"https://other.example.com"}})
	door := func(token string, status int, challenge string) exchange {
		return exchange{method: "POST", path: "/door", token: token, status: status, challenge: challenge}
	}
	return map[string]exchange{
		"ambiguous_target":      {method: "GET", path: "/door/../open", token: good, status: 400},
		"foreign_upgrade":       {method: "GET", path: "/open", token: good, fields: http.Header{"Http2-Settings": {"AAA"}}, status: 400},
		"no_rule":               {method: "GET", path: "/elsewhere", token: good, status: 403},
		"no_credentials":        door("", 401, bare),
		"malformed_credentials": {method: "POST", path: "/door", fields: http.Header{"Authorization": {"Bearer " + good + " x"}}, status: 400, challenge: malformed},
		"several_credentials":   {method: "POST", path: "/door?access_token=" + good, token: good, status: 400, challenge: several},
		"misplaced_credentials": {method: "POST", path: "/door?access_token=" + good, status: 400, challenge: misplaced},
		"malformed_token":       door(good+"=", 401, notAccepted),
		"unknown_issuer":        door(other, 401, notAccepted),
		"unknown_key":           door(foreign, 401, notAccepted),
		"bad_signature":         door(tampered, 401, notAccepted),
		"wrong_profile":         door(s.payload(t, "logout+jwt", `,"exp":`+unix(time.Hour)), 401, notAccepted),
		"expired":               door(s.mintAt(t, time.Now().Add(-time.Hour), "door:open"), 401, expired),
		"not_yet_valid":         door(s.payload(t, "JWT", `,"nbf":`+unix(time.Hour)+`,"exp":`+unix(2*time.Hour)), 401, notAccepted),
		"lives_too_long":        door(s.payload(t, "JWT", `,"exp":`+unix(48*time.Hour)), 401, notAccepted),
		"wrong_audience":        door(elsewhere, 401, notAccepted),
		"revoked":               door(revoked, 401, notAccepted),
		"insufficient_scope":    door(s.mint(t, "observe"), 403, scopeNeeded),
		"claim_not_met":         {method: "POST", path: "/team", token: good, status: 403},
		"used":                  {method: "POST", path: "/once", token: used, status: 403},
		"too_old":               {method: "POST", path: "/now", token: s.mintAt(t, time.Now().Add(-time.Minute)), status: 403},
	}
}

// revoke puts a token on the list.
func (s *stage) revoke(t *testing.T, token string) {
	t.Helper()
	res, err := s.latch.AdminClient().Post("http://127.0.0.1/botlatch/revocations", "application/json", strings.NewReader(`{"token":"`+token+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("revoking: status %d", res.StatusCode)
	}
}
