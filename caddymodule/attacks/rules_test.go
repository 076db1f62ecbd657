package attacks_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// claims are what a token says; nil for a claim: it has none of that name.
type claims map[string]any

// signs is a token of ana's for one minute that may everything, but for changes.
func (s *stage) signs(t *testing.T, key latchtest.Key, changes claims) string {
	t.Helper()
	now := time.Now().Unix()
	all := claims{
		"iss": issuerName, "aud": audience, "sub": "ana", "jti": "one", "client_id": "phone", "iat": now, "exp": now + 60,
		"scope": "a b drive", "team": "doors", "email": "a@good.org",
	}
	for name, value := range changes {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	payload, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return key.Sign(t, "at+jwt", string(payload))
}

// ruleSites have a rule of every kind, and on the second name an issuer that asks for everything an issuer can ask for.
const ruleSites = `{
	admin {$ADMIN}
	auto_https off
	botlatch {
		issuer ` + issuerName + ` {
			keys static {$KEYS}
			audience ` + audience + `
		}
		issuer https://other.example/ {
			keys static {$OTHER}
			audience ` + audience + `
		}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		accept ` + issuerName + `
		max_lifetime 1h
		allow GET /scope scope a b
		allow GET /any-scope any_scope a b
		allow GET /claim claim team doors arms
		allow GET /email claim email a@good.org
		allow GET /nested claim /realm/roles driver
		allow GET /both scope a claim team doors
		allow GET /any any_token
		allow GET /fresh any_token {
			issued_within 30s
		}
	}
	reverse_proxy {$BOT}
}
http://localhost:{$PORT} {
	bind 127.0.0.1
	botlatch {
		issuer https://strict.example/ {
			keys static {$KEYS}
			audience ` + audience + `
			client_id phone
			algorithms EdDSA
			profile strict
		}
		allow GET /any any_token
	}
	reverse_proxy {$BOT}
}
`

// newRules starts them.
func newRules(t *testing.T) (s *stage, other latchtest.Key) {
	t.Helper()
	other = latchtest.NewKey(t, jose.EdDSA)
	return newStage(t, ruleSites, "OTHER="+other.File), other
}

// asked is the status that a path of a host gives a token; what was refused must not have reached the bot.
func (s *stage) asked(t *testing.T, host, path, token string) int {
	t.Helper()
	before := s.bot.Hits()
	_, port, _ := strings.Cut(s.address(), ":")
	got := send(t, s.address(), "GET "+path+" HTTP/1.1\nHost: "+host+":"+port+"\nAuthorization: Bearer "+token+"\n\n")
	if hits := s.settled(before) - before; hits > 0 != (got.status == http.StatusOK) {
		t.Errorf("%s: status %d, and the bot got %d requests", path, got.status, hits)
	}
	return got.status
}

// TestF8_EveryKindOfRuleCanDeny: each lets its own token in, and denies one that lacks the one thing it asks for.
func TestF8_EveryKindOfRuleCanDeny(t *testing.T) {
	t.Parallel()
	s, other := newRules(t)
	now := time.Now().Unix()
	strict := claims{"iss": "https://strict.example/"}
	for _, c := range []struct {
		name, host, path string
		good, bad        claims
		status           int
	}{
		{"scope", "", "/scope", nil, claims{"scope": "a"}, 403},
		{"scope, none", "", "/scope", nil, claims{"scope": nil}, 403},
		{"any_scope", "", "/any-scope", claims{"scope": "b"}, claims{"scope": "drive"}, 403},
		{"claim", "", "/claim", claims{"team": "arms"}, claims{"team": "rovers"}, 403},
		{"claim, none", "", "/claim", nil, claims{"team": nil}, 403},
		{"claim, nested", "", "/nested", claims{"realm": claims{"roles": []string{"driver"}}}, claims{"realm": claims{"roles": []string{"drive"}}}, 403},
		{"scope of scope and claim", "", "/both", nil, claims{"scope": "b"}, 403},
		{"claim of scope and claim", "", "/both", nil, claims{"team": "rovers"}, 403},
		{"issued_within", "", "/fresh", nil, claims{"iat": now - 40}, 403},
		{"issued_within, never issued", "", "/fresh", nil, claims{"iat": nil}, 403},
		{"accept", "", "/any", nil, claims{"iss": "https://other.example/"}, 401},
		{"audience", "", "/any", nil, claims{"aud": "https://other.example"}, 401},
		{"max_lifetime", "", "/any", claims{"exp": now + 3000}, claims{"exp": now + 7200}, 401},
		{"expiry", "", "/any", nil, claims{"exp": now - 1}, 401},
		{"nbf", "", "/any", claims{"nbf": now}, claims{"nbf": now + 60}, 401},
		{"client_id", "localhost", "/any", strict, claims{"iss": "https://strict.example/", "client_id": "laptop"}, 401},
		{"profile strict", "localhost", "/any", strict, claims{"iss": "https://strict.example/", "jti": nil}, 401},
		{"another site's issuer", "localhost", "/any", strict, nil, 401},
	} {
		host := c.host
		if host == "" {
			host = "127.0.0.1"
		}
		if got := s.asked(t, host, c.path, s.signs(t, s.key, c.good)); got != 200 {
			t.Errorf("ok/%s: status %d", c.name, got)
		}
		key := s.key
		if c.name == "accept" {
			key = other // which signs well
		}
		if got := s.asked(t, host, c.path, s.signs(t, key, c.bad)); got != c.status {
			t.Errorf("deny/%s: status %d, want %d", c.name, got, c.status)
		}
	}
	if got := s.asked(t, "127.0.0.1", "/any", other.Sign(t, "at+jwt", "{}")); got != 401 {
		t.Errorf("deny/any_token: status %d", got)
	}
	if got := s.asked(t, "localhost", "/any", s.key.Sign(t, "JWT", `{"iss":"https://strict.example/"}`)); got != 401 {
		t.Errorf("deny/profile strict, typ: status %d", got)
	}
}

// TestF6_WhatATokenMustHoldItMustHold: a claim that is required is not fulfilled by its absence, nor by an empty value.
func TestF6_WhatATokenMustHoldItMustHold(t *testing.T) {
	t.Parallel()
	s, _ := newRules(t)
	for _, name := range []string{"iss", "aud", "exp"} {
		for _, value := range []any{nil, "", []string{}, claims{}, false, 0, json.RawMessage("null"), []any{nil}} {
			if got := s.asked(t, "127.0.0.1", "/any", s.signs(t, s.key, claims{name: value})); got != 401 {
				t.Errorf("%s is %v: status %d", name, value, got)
			}
		}
	}
	for _, value := range []any{nil, "", []string{}, []string{""}, claims{}, claims{"doors": true}, true, 0, json.RawMessage("null"), []any{[]string{"doors"}}} {
		if got := s.asked(t, "127.0.0.1", "/claim", s.signs(t, s.key, claims{"team": value})); got != 403 {
			t.Errorf("team is %v: status %d", value, got)
		}
		got := s.asked(t, "127.0.0.1", "/scope", s.signs(t, s.key, claims{"scope": value}))
		if got != 401 && got != 403 {
			t.Errorf("scope is %v: status %d", value, got)
		}
	}
}

// TestL6_ClaimsAndScopesAreComparedWhole: no pattern, no part, no other case.
func TestL6_ClaimsAndScopesAreComparedWhole(t *testing.T) {
	t.Parallel()
	s, _ := newRules(t)
	for _, email := range []any{
		"a@evil@good.org", "a@good.org@evil.org", "A@good.org", "a@GOOD.ORG", " a@good.org", "a@good.org ", "a@good.org\n", "xa@good.org",
		"a@good.org.evil", "a@goodxorg", "@good.org", "a@good", ".*", "*", "a@good.org,b@evil.org", "a@good.org b@evil.org", "a@ɡood.org",
		"a@good.org\x00",
		[]string{"xa@good.org", "a@good.orgs"},
		claims{"a@good.org": true},
	} {
		if got := s.asked(t, "127.0.0.1", "/email", s.signs(t, s.key, claims{"email": email})); got != 403 {
			t.Errorf("%q: status %d", email, got)
		}
	}
	for _, scope := range []any{
		"ab", "a", "A B", "a,b", "aa b", "a bb", "a:b", "a.b", "a* b*", "* *", ".* .*", "a\tb", "a\u00a0b", []string{"a b"}, []string{"a,b"}, []string{"a", "B"},
	} {
		got := s.asked(t, "127.0.0.1", "/scope", s.signs(t, s.key, claims{"scope": scope}))
		if got != 403 && got != 401 {
			t.Errorf("%q: status %d", scope, got)
		}
	}
	for path, good := range map[string]claims{"/email": {"email": []string{"b@good.org", "a@good.org"}}, "/scope": {"scope": []string{"b", "a"}}} {
		if got := s.asked(t, "127.0.0.1", path, s.signs(t, s.key, good)); got != 200 {
			t.Errorf("ok/%s: status %d", path, got)
		}
	}
}
