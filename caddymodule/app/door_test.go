package app_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// The issuer of the doors under test.
const (
	issuerName = "https://id.example.com/"
	audience   = "https://door.example.com"
)

// doorSite is a door behind a latch that keeps its revocations in {$STORE}.
const doorSite = `{
	admin {$ADMIN}
	auto_https off
	botlatch {
		issuer ` + issuerName + ` {
			keys static {$KEYS}
			audience ` + audience + `
		}
		revocation bolt {$STORE}
	}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow GET /door any_token
	}
	reverse_proxy {$BOT}
}
`

// door is a bot, a latch in front of it, and the key of the issuer that it knows.
type door struct {
	bot   *latchtest.Bot
	latch *latchtest.Latch
	key   latchtest.Key
	store string // path of the file of revocations
	http  *http.Client
}

// prepareDoor does not start the latch.
func prepareDoor(t *testing.T, caddyfile string) *door {
	t.Helper()
	d := &door{
		bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA), store: filepath.Join(t.TempDir(), "revocations.db"),
		http: &http.Client{Timeout: 20 * time.Second},
	}
	d.latch = latchtest.Prepare(t, caddyfile, "BOT="+d.bot.Address(), "KEYS="+d.key.File, "STORE="+d.store)
	t.Cleanup(d.http.CloseIdleConnections)
	return d
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := prepareDoor(t, doorSite)
	d.latch.Run()
	return d
}

// issue makes a token of subject, issued at a time.
func (d *door) issue(t *testing.T, subject string, at time.Time) *issue.Issued {
	t.Helper()
	issued, err := issue.Token{Issuer: issuerName, Subject: subject, Audience: []string{audience}}.Issue(d.key.SigningKey, at)
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

// sign makes a token of claims beside iss, aud and exp.
func (d *door) sign(t *testing.T, claims map[string]any) string {
	t.Helper()
	claims["iss"], claims["aud"], claims["exp"] = issuerName, audience, time.Now().Add(time.Hour).Unix()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return d.key.Sign(t, "at+jwt", string(payload))
}

// opens asserts that the token opens the door, or that it is refused with 401.
func (d *door) opens(t *testing.T, token string, want bool) {
	t.Helper()
	status := http.StatusUnauthorized
	if want {
		status = http.StatusOK
	}
	if got := d.ask(t, token); got != status {
		t.Errorf("status %d, want %d", got, status)
	}
}

// ask is the status that a token gets. The bot is reached once with 200, and else not. With 502 it may have been: the
// request was cut on its way, because something was revoked or held just then.
func (d *door) ask(t *testing.T, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.latch.URL+"/door", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	before := d.bot.Hits()
	res, err := d.http.Do(req)
	for again := 0; (errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)) && again < 3; again++ {
		// A reload closes a listener, and with it who waits in its queue: nobody has read the request.
		res, err = d.http.Do(req)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	fewest, most := 0, 0
	switch res.StatusCode {
	case http.StatusOK:
		fewest, most = 1, 1
	case http.StatusBadGateway:
		most = 1
		time.Sleep(200 * time.Millisecond) // it must not arrive during the next
	}
	if got := d.bot.Hits() - before; got < fewest || got > most {
		t.Errorf("status %d, and %d requests reached the bot", res.StatusCode, got)
	}
	return res.StatusCode
}

// change posts or deletes an entry and returns it as it was stored.
func (d *door) change(t *testing.T, method string, members map[string]any) revocation.Entry {
	t.Helper()
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := d.latch.Ask(t, method, "/botlatch/revocations", string(body))
	if status != http.StatusOK {
		t.Fatalf("%s %v: status %d: %s", method, members, status, answer)
	}
	var e revocation.Entry
	if err := json.Unmarshal([]byte(answer), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func (d *door) revoke(t *testing.T, members map[string]any) revocation.Entry {
	t.Helper()
	return d.change(t, http.MethodPost, members)
}

// revoked is the list, by value.
func (d *door) revoked(t *testing.T) map[string]revocation.Entry {
	t.Helper()
	all := make(map[string]revocation.Entry)
	for after := ""; ; {
		status, answer := d.latch.Ask(t, http.MethodGet, "/botlatch/revocations?limit=1000&after="+url.QueryEscape(after), "")
		var page struct {
			Revocations []revocation.Entry
			Next        string
		}
		if err := json.Unmarshal([]byte(answer), &page); err != nil || status != http.StatusOK {
			t.Fatalf("status %d: %s", status, answer)
		}
		for _, e := range page.Revocations {
			all[e.Value] = e
		}
		if after = page.Next; after == "" {
			return all
		}
	}
}
