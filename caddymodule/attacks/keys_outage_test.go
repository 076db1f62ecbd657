package attacks_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestAnOutageOfTheKeysAloneIsToldOnce: the metadata, which is asked anew because of it, is there all the while.
func TestAnOutageOfTheKeysAloneIsToldOnce(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	p.publisher.CacheControl("max-age=1")
	p.latch.Run()
	var metadata atomic.Int64
	p.publisher.Answer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			down(w, r)
		}
		metadata.Add(1)
		answers(http.StatusOK, `{"issuer":"`+p.publisher.URL+`","jwks_uri":"`+p.publisher.URL+`/keys"}`)(w, r)
	}))
	told := func(what string) int { return strings.Count(p.latch.Log(), what) }
	for deadline := time.Now().Add(patience); metadata.Load() < 5 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
	}
	if bad, good := told("keys cannot be fetched"), told("keys can be fetched again"); bad != 1 || good != 0 {
		t.Errorf("told %d times that keys cannot be fetched, and %d times that they can", bad, good)
	}
	p.publisher.Answer(nil)
	for deadline := time.Now().Add(patience); told("keys can be fetched again") == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not told that it is over")
		}
	}
}

// TestNoRequestWaitsLongForAnIssuerThatDoesNotAnswer: neither with a token that was let in before, nor with another.
func TestNoRequestWaitsLongForAnIssuerThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	p := newPublished(t, "MAX_STALE=1s")
	p.publisher.CacheControl("max-age=1")
	p.latch.Run()
	good := p.theirs(t, p.signer)
	p.mustBe(t, "before", good, http.StatusOK)
	begun := make(chan struct{})
	p.publisher.Slow(func(r *http.Request) {
		select {
		case begun <- struct{}{}:
		case <-r.Context().Done():
		}
		<-r.Context().Done()
	})
	<-begun
	p.becomes(t, good, http.StatusServiceUnavailable)
	soon := func(what string, limit time.Duration, ask func()) {
		t.Helper()
		<-begun // a fetch is given up after five seconds
		began := time.Now()
		if ask(); time.Since(began) > limit {
			t.Errorf("%s: answered after %s", what, time.Since(began))
		}
	}
	soon("let in before", 3*time.Second, func() { p.mustBe(t, "let in before", good, http.StatusServiceUnavailable) })
	soon("new", 3*time.Second, func() { p.mustBe(t, "new", p.theirs(t, p.signer), http.StatusServiceUnavailable) })
	soon("status and ready", time.Second, func() {
		p.state(t)
		if status, _ := p.latch.Ask(t, http.MethodGet, "/botlatch/ready", ""); status != http.StatusServiceUnavailable {
			t.Errorf("ready: %d", status)
		}
	})
}
