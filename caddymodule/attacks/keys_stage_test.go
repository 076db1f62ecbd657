package attacks_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// twoIssuers are global options: one issuer whose keys are fetched, {$PUBLISHER}, and one whose keys are a file.
const twoIssuers = `{
	admin {$ADMIN}
	auto_https off
	botlatch {
		issuer {$PUBLISHER} {
			keys {$HOW} {
				trusted_ca {$CA}
				cooldown {$COOLDOWN}
				max_stale {$MAX_STALE}
			}
			audience ` + audience + `
		}
		issuer ` + issuerName + ` {
			keys static {$KEYS}
			audience ` + audience + `
		}
	}
}
`

// published is a stage whose latch has a second issuer: somebody who publishes keys.
type published struct {
	*stage

	publisher *latchtest.Publisher
	signer    latchtest.Key
	caddyfile string
}

// newPublished prepares the stage; start starts the latch.
func newPublished(t *testing.T, env ...string) *published {
	t.Helper()
	signer := latchtest.NewKey(t, jose.ES256)
	p := &published{
		stage:     &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)},
		publisher: latchtest.StartPublisher(t, signer), signer: signer,
	}
	p.caddyfile = twoIssuers + strings.Replace(site, "botlatch {", "botlatch {\n\t\taccept {$PUBLISHER} "+issuerName, 1)
	p.latch = latchtest.Prepare(t, p.caddyfile, append([]string{
		"BOT=" + p.bot.Address(), "KEYS=" + p.key.File, "PUBLISHER=" + p.publisher.URL, "CA=" + p.publisher.CA,
		"HOW=discovery", "COOLDOWN=1s", "MAX_STALE=24h",
	}, env...)...)
	return p
}

// theirs is a token that the publisher's issuer signs with a key of its own.
func (p *published) theirs(t *testing.T, key latchtest.Key) string {
	t.Helper()
	return key.Mint(t, issue.Token{Issuer: p.publisher.URL, Subject: "ben", Audience: []string{audience}, Scope: []string{"drive"}})
}

// status asks for an act, and asserts that the bot was reached exactly if the answer is 200.
func (p *published) status(t *testing.T, token string) int {
	t.Helper()
	before := p.bot.Hits()
	got := send(t, p.address(), "GET /servo/10 HTTP/1.1\nHost: "+p.address()+"\nAuthorization: Bearer "+token+"\n\n")
	if reached := p.settled(before) - before; (got.status == http.StatusOK) != (reached == 1) {
		t.Errorf("status %d, and the bot got %d requests", got.status, reached)
	}
	return got.status
}

// ask asks for an act over a connection that is kept, and does not look at the bot; 0: there was no answer.
func (p *published) ask(t *testing.T, client *http.Client, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.latch.URL+"/servo/10", http.NoBody)
	if err != nil {
		t.Error(err)
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// mustBe asserts a status.
func (p *published) mustBe(t *testing.T, what, token string, want int) {
	t.Helper()
	if got := p.status(t, token); got != want {
		t.Errorf("%s: status %d, want %d", what, got, want)
	}
}

// becomes waits until a token is answered so.
func (p *published) becomes(t *testing.T, token string, want int) {
	t.Helper()
	got := 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got = p.status(t, token); got == want {
			return
		}
	}
	t.Fatalf("status %d, and never %d", got, want)
}

// issuer is what the latch says of the issuer that publishes.
type issuer struct {
	Issuer      string
	Keys        []struct{ Kid string }
	FetchedAt   time.Time `json:"fetched_at"`
	NextRefresh time.Time `json:"next_refresh"`
	LastError   string    `json:"last_error"`
}

func (p *published) state(t *testing.T) issuer {
	t.Helper()
	_, answer := p.latch.Ask(t, http.MethodGet, "/botlatch/status", "")
	var all struct{ Issuers []issuer }
	if err := json.Unmarshal([]byte(answer), &all); err != nil {
		t.Fatal(err)
	}
	for _, i := range all.Issuers {
		if i.Issuer == p.publisher.URL {
			return i
		}
	}
	t.Fatal("the latch does not know the issuer")
	return issuer{}
}

// metric is the value of a series, as /metrics writes it.
func (p *published) metric(t *testing.T, series string) float64 {
	t.Helper()
	_, text := p.latch.Ask(t, http.MethodGet, "/metrics", "")
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	return 0
}
