package attacks_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestARotationUnderLoadGivesNoWrongAnswer: 200 requests a second, the issuer signs with a new key from one moment to the next,
// and removes the old one later.
func TestARotationUnderLoadGivesNoWrongAnswer(t *testing.T) {
	t.Parallel()
	p := newPublished(t, "COOLDOWN=30s")
	p.latch.Run()
	p.mustBe(t, "before", p.theirs(t, p.signer), http.StatusOK)
	before := p.publisher.Fetches()

	var signer atomic.Pointer[latchtest.Key]
	signer.Store(&p.signer)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var wrong, right atomic.Int64
	client := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	defer client.CloseIdleConnections()
	var asking sync.WaitGroup
	for i := range 800 { // four seconds
		<-tick.C
		if i == 400 {
			next := latchtest.NewKey(t, jose.ES256)
			p.publisher.Publish(next, p.signer)
			signer.Store(&next)
		}
		token := p.theirs(t, *signer.Load())
		asking.Go(func() {
			if p.ask(t, client, token) != http.StatusOK {
				wrong.Add(1)
				return
			}
			right.Add(1)
		})
	}
	asking.Wait()
	if n := wrong.Load(); n > 0 || right.Load() != 800 {
		t.Errorf("%d wrong answers, %d right ones", n, right.Load())
	}
	if n := p.publisher.Fetches() - before; n != 1 {
		t.Errorf("the set was fetched %d times more, want once", n)
	}
}

// TestAKeyThatIsNoLongerPublishedOpensNothing: neither a token that was let in before, nor a new one.
func TestAKeyThatIsNoLongerPublishedOpensNothing(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	p.latch.Run()
	old := p.theirs(t, p.signer)
	p.mustBe(t, "before", old, http.StatusOK)
	next := latchtest.NewKey(t, jose.ES256)
	p.publisher.Publish(next)
	p.becomes(t, p.theirs(t, next), http.StatusOK)
	p.mustBe(t, "let in before", old, http.StatusUnauthorized)
	p.mustBe(t, "new", p.theirs(t, p.signer), http.StatusUnauthorized)
	p.latch.Kill()
	p.latch.Run()
	p.mustBe(t, "after a restart", old, http.StatusUnauthorized)
	p.honest(t)
}

// TestTenThousandMadeUpKeysCauseOneFetchACooldown: no more, however they come.
func TestTenThousandMadeUpKeysCauseOneFetchACooldown(t *testing.T) {
	t.Parallel()
	p := newPublished(t, "COOLDOWN=10m")
	p.latch.Run()
	good := p.theirs(t, p.signer)
	p.mustBe(t, "before", good, http.StatusOK)
	before := p.publisher.Fetches()
	stranger := latchtest.NewKey(t, jose.ES256)
	payload, err := json.Marshal(map[string]any{
		"iss": p.publisher.URL, "sub": "ben", "aud": audience, "scope": "drive", "exp": time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	defer client.CloseIdleConnections()
	hits := p.bot.Hits()
	var next atomic.Int64
	var asking sync.WaitGroup
	for range 16 {
		asking.Go(func() {
			for n := next.Add(1); n <= 10_000; n = next.Add(1) {
				key := *stranger.SigningKey
				key.ID = fmt.Sprintf("made-up-%d", n)
				token, err := key.Sign("at+jwt", payload)
				if err != nil {
					t.Error(err)
					return
				}
				if status := p.ask(t, client, token); status != http.StatusUnauthorized {
					t.Errorf("%s: status %d", key.ID, status)
				}
			}
		})
	}
	asking.Wait()
	if n := p.publisher.Fetches() - before; n != 1 {
		t.Errorf("%d fetches, want one", n)
	}
	if p.bot.Hits() != hits {
		t.Errorf("the bot was reached %d times", p.bot.Hits()-hits)
	}
	p.mustBe(t, "a good one meanwhile", good, http.StatusOK)
}

// TestAClockThatDiffersIsToldOf: five minutes, in either direction.
func TestAClockThatDiffersIsToldOf(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"ahead": 5 * time.Minute, "behind": -5 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPublished(t)
			theirs := func() time.Time { return time.Now().Add(ahead) }
			set := answers(http.StatusOK, string(latchtest.JWKS(p.signer)))
			p.publisher.Answer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", theirs().UTC().Format(http.TimeFormat))
				if r.URL.Path == "/keys" {
					set(w, r)
					return
				}
				answers(http.StatusOK, `{"issuer":"`+p.publisher.URL+`","jwks_uri":"`+p.publisher.URL+`/keys"}`)(w, r)
			}))
			p.latch.Run()
			mint := func(lifetime time.Duration) string {
				token := issue.Token{Issuer: p.publisher.URL, Subject: "ben", Audience: []string{audience}, Scope: []string{"drive"}, TTL: lifetime}
				raw, err := token.Sign(p.signer.SigningKey, theirs())
				if err != nil {
					t.Fatal(err)
				}
				return raw
			}
			if ahead > 0 {
				p.mustBe(t, "issued in our future", mint(time.Hour), http.StatusUnauthorized)
			} else {
				p.mustBe(t, "issued in our past", mint(time.Hour), http.StatusOK)
				p.mustBe(t, "expired by our clock", mint(4*time.Minute), http.StatusUnauthorized)
			}
			if got := p.metric(t, "botlatch_clock_skew_seconds"); math.Abs(got-ahead.Seconds()) > 3 {
				t.Errorf("botlatch_clock_skew_seconds %v, want about %v", got, ahead.Seconds())
			}
			p.honest(t)
		})
	}
}
