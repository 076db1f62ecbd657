package attacks_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// down answers nothing: it closes the connection.
var down = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })

func TestF1_AnIssuerThatIsDownLetsNobodyInAndHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"discovery", "jwks"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p := newPublished(t)
			if how == "jwks" {
				p.latch.Setenv("HOW", "jwks "+p.publisher.URL+"/keys")
			}
			p.publisher.Answer(down)
			p.latch.RunUnready()
			stranger := latchtest.NewKey(t, jose.ES256)
			for what, token := range map[string]string{
				"a good token": p.theirs(t, p.signer), "a stranger's": p.theirs(t, stranger),
				"the other issuer's key": p.theirs(t, p.key),
			} {
				p.mustBe(t, what, token, http.StatusServiceUnavailable)
			}
			p.honest(t) // the other issuer's
			if s := p.state(t); len(s.Keys) != 0 || s.LastError == "" || !s.FetchedAt.IsZero() {
				t.Errorf("%+v", s)
			}
			p.publisher.Answer(nil)
			p.becomes(t, p.theirs(t, p.signer), http.StatusOK)
			p.mustBe(t, "a stranger's", p.theirs(t, stranger), http.StatusUnauthorized)
			p.mustBe(t, "the other issuer's key", p.theirs(t, p.key), http.StatusUnauthorized)
			s := p.state(t)
			if len(s.Keys) != 1 || s.Keys[0].Kid != p.signer.ID || s.LastError != "" || time.Since(s.FetchedAt).Abs() > time.Minute ||
				time.Until(s.NextRefresh) < 40*time.Minute || time.Until(s.NextRefresh) > time.Hour {
				t.Errorf("%+v", s)
			}
			if good, bad := p.metric(t, `botlatch_key_refreshes_total{result="success"}`), p.metric(t, `botlatch_key_refreshes_total{result="failure"}`); good < 1 || bad < 1 {
				t.Errorf("counted %v good fetches and %v bad ones", good, bad)
			}
		})
	}
}

func TestF1_TheLastKeysOutliveAnOutageAndARestartAndARevocationOutlivesBoth(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	p.latch.Run()
	good, revoked := p.theirs(t, p.signer), p.theirs(t, p.signer)
	p.mustBe(t, "before", good, http.StatusOK)
	p.revoke(t, `{"token":"`+revoked+`"}`)
	p.publisher.Answer(down)
	check := func(when string) {
		t.Helper()
		p.mustBe(t, when, good, http.StatusOK)
		p.mustBe(t, when+", unseen", p.theirs(t, p.signer), http.StatusOK)
		p.mustBe(t, when+", revoked", revoked, http.StatusUnauthorized)
		p.mustBe(t, when+", a stranger's", p.theirs(t, latchtest.NewKey(t, jose.ES256)), http.StatusUnauthorized)
	}
	check("down")
	if _, stderr, code := p.latch.Command(t.Context(), "", "reload", "--config", "Caddyfile", "--force"); code != 0 {
		t.Fatal(stderr)
	}
	check("reloaded")
	p.latch.Kill()
	p.latch.Run()
	check("started again")
	if s := p.state(t); len(s.Keys) != 1 || time.Since(s.FetchedAt).Abs() > time.Minute {
		t.Errorf("%+v", s)
	}
}

// TestF1_KeysThatAreTooOldCountNoMore: they are fresh for a second, and count for two more.
func TestF1_KeysThatAreTooOldCountNoMore(t *testing.T) {
	t.Parallel()
	p := newPublished(t, "MAX_STALE=2s")
	p.publisher.CacheControl("max-age=1")
	p.latch.Run()
	good := p.theirs(t, p.signer)
	p.mustBe(t, "before", good, http.StatusOK)
	p.publisher.Answer(down)
	p.becomes(t, good, http.StatusServiceUnavailable)
	p.mustBe(t, "unseen", p.theirs(t, p.signer), http.StatusServiceUnavailable)
	p.honest(t)
	p.latch.Kill()
	p.latch.RunUnready() // what was saved is too old
	p.mustBe(t, "started again", good, http.StatusServiceUnavailable)
	p.publisher.Answer(nil)
	p.becomes(t, good, http.StatusOK)
}
