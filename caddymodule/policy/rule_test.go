package policy

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

func TestPermit(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	claims, err := jose.ParseObject([]byte(`{
		"role": "driver", "roles": ["observer", "driver", 7, true, null, ["deep"]], "email": "a@evil@good.org",
		"email_verified": true, "level": 3, "rounded": 3.0, "nothing": null, "object": {"driver": true},
		"realm_access": {"roles": ["driver"], "a/b": {"m~n": "x", "": "empty", "t~1u": "tilde"}}, "https://x.test/role": "driver",
		"a.b": "x", "a": {"b": "y"}, "big": 9007199254740993, "placeholder": "{env.HOME}"
	}`))
	if err != nil {
		t.Fatal(err)
	}
	token := &accesstoken.Token{Scopes: []string{"a", "b", "c:d"}, Claims: claims, IssuedAt: now.Add(-2 * time.Minute)}
	const passes = deny.NumReasons
	for conditions, want := range map[string]deny.Reason{
		"any_token":                             passes,
		"scope a":                               passes,
		"scope a,b":                             passes,
		"scope a,x":                             deny.InsufficientScope,
		"scope A":                               deny.InsufficientScope,
		"scope c":                               deny.InsufficientScope,
		"scope c:d":                             passes,
		"any_scope x,b":                         passes,
		"any_scope x,y":                         deny.InsufficientScope,
		"scope a any_scope x":                   deny.InsufficientScope,
		"scope x any_scope a":                   deny.InsufficientScope,
		"claim role=driver":                     passes,
		"claim role=x,driver":                   passes,
		"claim role=Driver":                     deny.ClaimNotMet,
		"claim role=drive":                      deny.ClaimNotMet,
		"claim Role=driver":                     deny.ClaimNotMet,
		"claim roles=driver":                    passes,
		"claim roles=7":                         passes,
		"claim roles=deep":                      deny.ClaimNotMet,
		"claim roles=null":                      deny.ClaimNotMet,
		"claim email=good.org":                  deny.ClaimNotMet,
		"claim email=a@evil":                    deny.ClaimNotMet,
		"claim email_verified=true":             passes,
		"claim email_verified=false":            deny.ClaimNotMet,
		"claim level=3":                         passes,
		"claim level=03":                        deny.ClaimNotMet,
		"claim rounded=3":                       deny.ClaimNotMet,
		"claim big=9007199254740993":            passes,
		"claim big=9007199254740992":            deny.ClaimNotMet,
		"claim nothing=null":                    deny.ClaimNotMet,
		"claim object=driver":                   deny.ClaimNotMet,
		"claim absent=x":                        deny.ClaimNotMet,
		"claim https://x.test/role=driver":      passes,
		"claim a.b=x":                           passes,
		"claim a.b=y":                           deny.ClaimNotMet,
		"claim /a/b=y":                          passes,
		"claim /role=driver":                    passes,
		"claim /realm_access/roles=driver":      passes,
		"claim /realm_access/roles/0=driver":    deny.ClaimNotMet,
		"claim /realm_access/a~1b/m~0n=x":       passes,
		"claim /realm_access/a~1b/=empty":       passes,
		"claim /realm_access/a~1b/t~01u=tilde":  passes,
		"claim /absent/x=y":                     deny.ClaimNotMet,
		"claim /role/x=driver":                  deny.ClaimNotMet,
		"claim placeholder=x":                   deny.ClaimNotMet,
		"any_token issued_within 2m":            passes,
		"any_token issued_within 119s":          deny.TooOld,
		"scope x issued_within 1s":              deny.InsufficientScope,
		"scope a claim role=x issued_within 1s": deny.ClaimNotMet,
	} {
		r := rule("GET /x " + conditions)
		if _, err := New([]*Rule{r}); err != nil {
			t.Fatal(err)
		}
		err := r.Permit(token, now)
		if want == passes && err != nil || want != passes && (err == nil || deny.ReasonOf(err) != want) {
			t.Errorf("%s: got %v, want row %d", conditions, err, want)
		}
	}
}

func TestIssuedWithinNeedsIssuedAt(t *testing.T) {
	t.Parallel()
	r, now := rule("GET /x any_token issued_within 2m"), time.Unix(60, 0)
	wantReason(t, r.Permit(&accesstoken.Token{}, now), deny.TooOld)
	r.IssuedWithin = math.MaxInt64
	wantReason(t, r.Permit(&accesstoken.Token{}, now), deny.TooOld)
	if err := r.Permit(&accesstoken.Token{IssuedAt: now.Add(5 * time.Second)}, now); err != nil {
		t.Error("a clock within the leeway:", err)
	}
}

func TestOnceNeedsAnID(t *testing.T) {
	t.Parallel()
	r, now := rule("GET /x any_token issued_within 2m once"), time.Unix(60, 0)
	wantReason(t, r.Permit(&accesstoken.Token{IssuedAt: now}, now), deny.ClaimNotMet)
	token := &accesstoken.Token{ID: "1", IssuedAt: now}
	for range 2 { // nothing is used up here
		if err := r.Permit(token, now); err != nil {
			t.Error(err)
		}
	}
	wantReason(t, r.Permit(token, now.Add(3*time.Minute)), deny.TooOld)
}

func TestPermitsNothingByDefault(t *testing.T) {
	t.Parallel()
	token := &accesstoken.Token{Scopes: []string{"a"}}
	wantReason(t, (&Rule{}).Permit(token, time.Time{}), deny.Internal)
	wantReason(t, (&Rule{IssuedWithin: 1}).Permit(token, time.Time{}), deny.Internal)
	wantReason(t, rule("GET /x any_token").Permit(nil, time.Time{}), deny.Internal)
	if err := rule("public GET /x").Permit(nil, time.Time{}); err != nil {
		t.Error(err)
	}
}

func TestRuleSurvivesJSON(t *testing.T) {
	t.Parallel()
	const want = `{"methods":["GET","WS"],"paths":["/a","/b/**"],"scope":["x"],"any_scope":["y","z"],` +
		`"claim":{"c":["1"]},"issued_within":"36h0m0s"}`
	const once = `{"methods":["GET"],"paths":["/a"],"any_token":true,"once":true}`
	if b, err := json.Marshal(rule("GET /a any_token once")); err != nil || string(b) != once {
		t.Errorf("got %s, %v", b, err)
	}
	r := rule("GET,WS /a /b/** scope x any_scope y,z claim c=1 issued_within 1d12h")
	for range 2 {
		b, err := json.Marshal(r)
		if err != nil || string(b) != want {
			t.Fatalf("got %s, %v", b, err)
		}
		r = &Rule{}
		if err := json.Unmarshal(b, r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestChallengeNamesScopes(t *testing.T) {
	t.Parallel()
	if got := rule("GET /x scope a,b any_scope c").Scopes(); len(got) != 3 || got[0] != "a" || got[2] != "c" {
		t.Error(got)
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		`"2m"`: 2 * time.Minute, `"1d"`: 24 * time.Hour, `"1d12h"`: 36 * time.Hour, `"1h30m"`: 90 * time.Minute,
		`120000000000`: 2 * time.Minute, `"1.5s"`: 1500 * time.Millisecond,
		`"0s"`: 0, `0`: 0, `-1`: 0, `"-2m"`: 0, `""`: 0, `"d"`: 0, `"1"`: 0, `"2 m"`: 0, `"-1d"`: 0, `"1d-2d"`: 0, `"1d-24h"`: 0,
		`"99999999d"`: 0, `"65535d2562047h"`: 0, `1.5`: 0, `1e3`: 0, `null`: 0, `true`: 0, `[]`: 0, `"0d"`: 0, `"infd"`: 0,
	} {
		var d Duration
		if err := json.Unmarshal([]byte(text), &d); time.Duration(d) != want || (err == nil) != (want > 0) {
			t.Errorf("%s: got %v, %v", text, time.Duration(d), err)
		}
	}
}
