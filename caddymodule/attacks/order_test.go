package attacks_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// pairs are the ways in which one request can carry two tokens, {1} and {2}.
var pairs = map[string]string{
	"two fields":               "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {1}\nAuthorization: Bearer {2}\n\n",
	"two fields, case":         "GET {act} HTTP/1.1\nHost: {host}\nauthorization: Bearer {1}\nAUTHORIZATION: bearer {2}\n\n",
	"a field and the query":    "GET {act}?access_token={2} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {1}\n\n",
	"the query, escaped":       "GET {act}?x=1;access%5Ftoken={2} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {1}\n\n",
	"a field and subprotocols": "GET {act} HTTP/1.1\nHost: {host}\nSec-WebSocket-Protocol: botlatch.bearer, {2}\nAuthorization: Bearer {1}\n\n",
	"a field of a handshake":   "GET /steer HTTP/1.1\nHost: {host}\n" + handshakeFields + "Sec-WebSocket-Protocol: botlatch.bearer, {2}\nAuthorization: Bearer {1}\n\n",
	"two subprotocols":         "GET /steer HTTP/1.1\nHost: {host}\n" + handshakeFields + "Sec-WebSocket-Protocol: botlatch.bearer, {1}, botlatch.bearer, {2}\n\n",
	"subprotocols, two forms":  "GET /steer HTTP/1.1\nHost: {host}\n" + handshakeFields + "Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.{1}\nSec-WebSocket-Protocol: botlatch.bearer, {2}\n\n",
	"subprotocols and query":   "GET /steer?access_token={1} HTTP/1.1\nHost: {host}\n" + handshakeFields + "Sec-WebSocket-Protocol: botlatch.bearer, {2}\n\n",
	"one behind a comma":       "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {1}, Bearer {2}\n\n",
	"one behind a space":       "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {1} {2}\n\n",
	"a folded line":            "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {1}\n Bearer {2}\n\n",
}

func TestR1_TwoTokensAreRefusedInEveryOrder(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	good, other, forged := called("EdDSA").token(nil, nil), called("HS256").token(nil, nil), nameless(secret())
	var attacks []attack
	for name, wire := range pairs {
		for order, two := range map[string][2]string{"good, forged": {good, forged}, "forged, good": {forged, good}, "two good ones": {good, other}, "one twice": {good, good}} {
			attacks = append(attacks, attack{name + ": " + order, strings.NewReplacer("{1}", two[0], "{2}", two[1]).Replace(wire), http.StatusBadRequest})
		}
	}
	s.refuses(t, attacks...)
}

func TestR2_RevokedTokenHidesBehindNoOther(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	revoked, good := called("EdDSA").token(nil, map[string]any{"jti": "r2"}), called("ES256").token(nil, nil)
	s.opens(t, map[string]string{"before": revoked, "good": good})
	s.revoke(t, `{"token":"`+revoked+`"}`)
	s.forbids(t, map[string]string{"alone": revoked})
	var attacks []attack
	for name, wire := range pairs {
		for order, two := range map[string][2]string{"revoked, good": {revoked, good}, "good, revoked": {good, revoked}, "revoked, rubbish": {revoked, "a.b.c"}, "rubbish, revoked": {"a.b.c", revoked}} {
			attacks = append(attacks, attack{name + ": " + order, strings.NewReplacer("{1}", two[0], "{2}", two[1]).Replace(wire), http.StatusBadRequest})
		}
	}
	// No cookie counts, and no other field: the revoked token stays revoked beside them.
	for _, field := range []string{"Cookie: access_token=" + good, "Cookie: token=" + good, "X-Access-Token: " + good, "Proxy-Authorization: Bearer " + good, "X-Forwarded-Access-Token: " + good} {
		attacks = append(attacks, attack{field[:12], "GET {act} HTTP/1.1\nHost: {host}\n" + field + "\nAuthorization: Bearer " + revoked + "\n\n", http.StatusUnauthorized})
	}
	attacks = append(attacks, attack{"as a subprotocol", "GET /steer HTTP/1.1\nHost: {host}\n" + handshakeFields + "Sec-WebSocket-Protocol: botlatch.bearer, " + revoked + "\n\n", http.StatusUnauthorized})
	s.refuses(t, attacks...)
}

func TestR3_ForgedTokensNeverReachTheList(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	a := called("EdDSA")
	s.revoke(t, `{"kind":"token","iss":"`+issuerName+`","value":"r3"}`)
	forger := a
	forger.sign = given(make([]byte, 64))
	ahead := time.Now().Unix() + 3600
	forged := map[string]string{}
	for name, claims := range map[string]map[string]any{"revoked": {"jti": "r3"}, "not revoked": nil, "from the future": {"iat": ahead, "exp": ahead + 900, "nbf": nil}} {
		forged[name] = forger.token(nil, claims)
	}
	s.forbids(t, forged)
	if revoked, bad := s.refusals(t, "revoked"), s.refusals(t, "bad_signature"); revoked != "0" || bad != "3" {
		t.Errorf("%s refused as revoked, %s for their signature; want 0 and 3", revoked, bad)
	}
	// Nor does an honest one from the future, which was not let through, move the clock by which all are revoked.
	s.forbids(t, map[string]string{"honest, of tomorrow": a.token(nil, map[string]any{"iat": ahead, "exp": ahead + 900})})
	status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"kind":"all","issued_before":"now"}`)
	var entry struct {
		Before time.Time `json:"issued_before"`
	}
	if err := json.Unmarshal([]byte(answer), &entry); err != nil || status != http.StatusOK || entry.Before.IsZero() || time.Until(entry.Before) > 10*time.Second {
		t.Errorf("all are revoked until %s: status %d, %v", entry.Before, status, err)
	}
}

func TestR4_TokenWithoutAnIDCanBeRevoked(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	for _, a := range algorithms() {
		token, other := a.token(nil, map[string]any{"jti": nil, "sub": "bare"}), a.token(nil, map[string]any{"jti": nil})
		for _, body := range []string{`{"token":"` + token + `"}`, `{"kind":"subject","iss":"` + a.issuer + `","value":"bare"}`} {
			s.opens(t, map[string]string{a.name: token, a.name + " of another": other})
			s.revoke(t, body)
			s.forbids(t, map[string]string{a.name: token})
			s.opens(t, map[string]string{a.name + " of another": other})
			s.restore(t, body)
		}
	}
}

func TestR5_EndedSessionTakesItsTokensOut(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	a := called("ES256")
	mine := map[string]string{"first": a.token(nil, map[string]any{"sid": "r5", "jti": "1"}), "refreshed": a.token(nil, map[string]any{"sid": "r5", "jti": nil})}
	others := map[string]string{"another session": a.token(nil, map[string]any{"sid": "r55"}), "no session": a.token(nil, nil)}
	s.opens(t, mine)
	s.revoke(t, `{"kind":"session","iss":"`+issuerName+`","value":"r5"}`)
	s.forbids(t, mine)
	s.forbids(t, map[string]string{"made afterwards": a.token(nil, map[string]any{"sid": "r5", "jti": "3"})})
	s.opens(t, others)
}

func TestR7_RevocationSurvivesAPowerCut(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	gone, stays := map[string]string{}, map[string]string{}
	for _, a := range algorithms() {
		gone[a.name], stays[a.name] = a.token(nil, map[string]any{"jti": "r7-" + a.name}), a.token(nil, nil)
		gone[a.name+", no jti"] = a.token(nil, map[string]any{"jti": nil, "sub": "r7"})
	}
	s.opens(t, gone)
	for _, token := range gone {
		s.revoke(t, `{"token":"`+token+`"}`)
	}
	s.latch.Kill()
	s.latch.Run()
	s.forbids(t, gone)
	s.opens(t, stays)
}

func TestR8_PlaceholdersNameNobodyUnverified(t *testing.T) {
	t.Parallel()
	key := latchtest.NewKey(t, jose.EdDSA)
	forged := key.Mint(t, issue.Token{Issuer: issuerName, Subject: "ana", Audience: []string{audience}, Scope: []string{"drive"}})
	for name, caddyfile := range map[string]string{
		"public": identifyingSite, "report only": strings.Replace(identifyingSite, "\tpublic", "\tinsecure_report_only\n\t\tpublic", 1),
	} {
		access := filepath.Join(t.TempDir(), "access.log")
		s := newStage(t, caddyfile, "ACCESS="+access)
		path := map[string]string{"public": "/healthz", "report only": "/servo/10"}[name]
		got := getWith(t, s.address(), path, forged)
		if got.status != http.StatusOK {
			t.Fatalf("%s: status %d", name, got.status)
		}
		for _, field := range []string{"X-Bot-Subject", "X-Bot-Issuer", "X-Bot-Client", "X-Bot-Scope", "X-Bot-Token"} {
			if v := s.bot.Last().Header.Get(field); v != "" {
				t.Errorf("%s: the bot was told %s: %q", name, field, v)
			}
		}
		if log := accessLog(t, access); strings.Contains(log, `"user_id":"ana"`) {
			t.Errorf("%s: the access log names somebody:\n%s", name, log)
		}
		getWith(t, s.address(), "/servo/10", s.token(t, "drive"))
		if got := s.bot.Last().Header.Get("X-Bot-Subject"); got != "ana" {
			t.Errorf("%s: an honest one is %q", name, got)
		}
	}
}
