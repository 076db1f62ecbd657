package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestCutOffOfASubjectLetsALaterTokenPass: the person stays, the lost phone does not.
func TestCutOffOfASubjectLetsALaterTokenPass(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	lost, other := d.issue(t, "ana", time.Now()), d.issue(t, "ben", time.Now())
	d.opens(t, lost.Raw, true)
	entry := d.revoke(t, map[string]any{"kind": "subject", "value": "ana", "issued_before": "now"})
	if entry.IssuedBefore.Before(lost.IssuedAt) || entry.IssuedBefore.Nanosecond() != 0 {
		t.Errorf("the cut-off is %s, the token is of %s", entry.IssuedBefore, lost.IssuedAt)
	}
	later := d.issue(t, "ana", entry.IssuedBefore.Add(time.Second)) // the leeway lets it in at once
	same := d.issue(t, "ana", entry.IssuedBefore)
	undated := d.sign(t, map[string]any{"sub": "ana", "jti": "undated"})
	check := func() {
		t.Helper()
		d.opens(t, lost.Raw, false)
		d.opens(t, same.Raw, false)
		d.opens(t, undated, false)
		d.opens(t, later.Raw, true)
		d.opens(t, other.Raw, true)
	}
	check()
	d.latch.Kill()
	d.latch.Run()
	check()
	d.change(t, http.MethodDelete, map[string]any{"kind": "subject", "value": "ana"})
	d.opens(t, lost.Raw, true)
}

// TestCutOffIsNotOlderThanWhatItLetIn: an issuer whose clock is ahead would otherwise keep its last tokens.
func TestCutOffIsNotOlderThanWhatItLetIn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	ahead := d.issue(t, "ana", time.Now().Add(4*time.Second))
	d.opens(t, ahead.Raw, true)
	entry := d.revoke(t, map[string]any{"kind": "subject", "value": "ana", "issued_before": "now"})
	if entry.IssuedBefore.Before(ahead.IssuedAt) {
		t.Errorf("the cut-off %s is older than the token let in, %s", entry.IssuedBefore, ahead.IssuedAt)
	}
	d.opens(t, ahead.Raw, false)
}

// TestAllTakesOutWhateverWasIssuedUntilNow is the big broom, and what it leaves.
func TestAllTakesOutWhateverWasIssuedUntilNow(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	now := time.Now()
	tokens := []string{d.issue(t, "ana", now).Raw, d.issue(t, "ben", now.Add(-time.Minute)).Raw, d.sign(t, map[string]any{"sub": "fay"})}
	for _, token := range tokens {
		d.opens(t, token, true)
	}
	entry := d.revoke(t, map[string]any{"kind": "all", "issued_before": "now"})
	later := d.issue(t, "ana", entry.IssuedBefore.Add(time.Second))
	for range 2 {
		for _, token := range tokens {
			d.opens(t, token, false)
		}
		d.opens(t, later.Raw, true)
		d.latch.Kill()
		d.latch.Run()
	}
	d.change(t, http.MethodDelete, map[string]any{"kind": "all", "issued_before": "now"})
	for _, token := range tokens {
		d.opens(t, token, true)
	}
}

// twoIssuers is a door for the tokens of two.
const twoIssuers = `{
	admin {$ADMIN}
	auto_https off
	botlatch {
		issuer ` + issuerName + ` {
			keys static {$KEYS}
			audience ` + audience + `
		}
		issuer https://other.example.com/ {
			keys static {$OTHER_KEYS}
			audience ` + audience + `
		}
		revocation bolt {$STORE}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		accept ` + issuerName + ` https://other.example.com/
		allow GET /door any_token
	}
	reverse_proxy {$BOT}
}
`

// TestSubjectBelongsToItsIssuer: two issuers have an ana each, and nobody guesses which.
func TestSubjectBelongsToItsIssuer(t *testing.T) {
	t.Parallel()
	d, other := prepareDoor(t, twoIssuers), latchtest.NewKey(t, jose.ES256)
	d.latch.Setenv("OTHER_KEYS", other.File)
	d.latch.Run()
	ours := d.issue(t, "ana", time.Now()).Raw
	theirs := other.Mint(t, issue.Token{Issuer: "https://other.example.com/", Subject: "ana", Audience: []string{audience}})
	d.opens(t, ours, true)
	d.opens(t, theirs, true)
	for _, body := range []string{
		`{"kind":"subject","value":"ana"}`, `{"kind":"token","value":"j1"}`, `{"kind":"session","value":"s1"}`, `{"kind":"issuer"}`,
	} {
		if status, answer := d.latch.Ask(t, http.MethodPost, "/botlatch/revocations", body); status != http.StatusBadRequest {
			t.Errorf("%s without iss: status %d: %s", body, status, answer)
		}
	}
	d.opens(t, ours, true)
	d.revoke(t, map[string]any{"kind": "subject", "value": "ana", "iss": "https://other.example.com/"})
	d.opens(t, ours, true)
	d.opens(t, theirs, false)
	d.revoke(t, map[string]any{"kind": "issuer", "iss": issuerName})
	d.opens(t, ours, false)
	d.change(t, http.MethodDelete, map[string]any{"kind": "subject", "value": "ana", "iss": "https://other.example.com/"})
	d.opens(t, theirs, true)
	d.opens(t, ours, false)
}

// TestRevokedTokenOfAnUnknownKeyIsOutWhenTheKeyComes: whoever found a token may not know whose it is.
func TestRevokedTokenOfAnUnknownKeyIsOutWhenTheKeyComes(t *testing.T) {
	t.Parallel()
	d, known := prepareDoor(t, doorSite), latchtest.NewKey(t, jose.ES256)
	d.latch.Setenv("KEYS", known.File)
	d.latch.Run()
	token := d.issue(t, "ana", time.Now())
	d.opens(t, token.Raw, false)
	if entry := d.revoke(t, map[string]any{"token": token.Raw}); entry.Kind.String() != "fingerprint" || !entry.ExpiresAt.IsZero() {
		t.Errorf("the entry is %+v", entry)
	}
	d.latch.Stop()
	d.latch.Setenv("KEYS", d.key.File)
	d.latch.Run()
	d.opens(t, token.Raw, false)
	d.opens(t, d.issue(t, "ana", time.Now()).Raw, true)
}
