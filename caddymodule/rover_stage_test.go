package caddymodule_test

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// roverSite has a last will for each rover, and one whose streams are short.
const roverSite = `http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow WS /rovers/*/drive scope drive {
			last_will POST /rovers/*/stop
		}
		allow GET /rovers/*/events /rovers/*/chatter scope drive {
			last_will POST /rovers/*/stop
		}
		allow WS /short/*/drive scope drive {
			last_will POST /short/*/stop
			max_stream 1s
		}
	}
	reverse_proxy {$BOT}
}
`

// roverStage is a roverBot, the real binary in front of it, and the key of the issuer that it knows.
type roverStage struct {
	stage

	bot *roverBot
}

// newRoverStage starts a latch with options and sites, in which {$BOT} is the address of the bot.
func newRoverStage(t *testing.T, sites string, env ...string) *roverStage {
	t.Helper()
	return startRovers(t, options+sites, env...)
}

// startRovers is newRoverStage with other options.
func startRovers(t *testing.T, caddyfile string, env ...string) *roverStage {
	t.Helper()
	s := &roverStage{bot: startRoverBot(t)}
	s.key = latchtest.NewKey(t, jose.EdDSA)
	s.latch = latchtest.Start(t, caddyfile, append(env, "BOT="+s.bot.address, "KEYS="+s.key.File)...)
	return s
}

// driver is a token of a subject; it lives for a quarter of an hour.
func (s *roverStage) driver(t *testing.T, subject string) string { return s.driverFor(t, subject, 0) }

func (s *roverStage) driverFor(t *testing.T, subject string, lives time.Duration) string {
	t.Helper()
	return s.key.Mint(t, issue.Token{
		Issuer: issuerName, Subject: subject, Audience: []string{audience}, Scope: []string{"drive"}, TTL: lives,
	})
}

// drive opens a WebSocket at a path below the site, and hears the bot say hello.
func (s *roverStage) drive(t *testing.T, path, token string) *websocket.Conn {
	t.Helper()
	return s.driveAt(t, s.latch.URL+path, token, nil)
}

func (s *roverStage) driveAt(t *testing.T, url, token string, client *http.Client) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, res, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}, HTTPClient: client,
	})
	if err != nil {
		t.Fatalf("%v, %v", res, err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	c.SetReadLimit(1 << 20)
	if _, _, err := c.Read(ctx); err != nil {
		t.Fatal(err)
	}
	return c
}

// watch opens an event stream, and reads what comes first.
func (s *roverStage) watch(t *testing.T, client *http.Client, url, token string) (res *http.Response, leave func()) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	t.Cleanup(leave)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err = client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	if _, err := res.Body.Read(make([]byte, len("data: 1\n\n"))); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", res.StatusCode, err)
	}
	return res, leave
}

// say sends one message.
func say(t *testing.T, c *websocket.Conn, word string) {
	t.Helper()
	if err := c.Write(t.Context(), websocket.MessageText, []byte(word)); err != nil {
		t.Fatal(err)
	}
}

// revoke takes all tokens of a subject out.
func (s *roverStage) revoke(t *testing.T, subject string) {
	t.Helper()
	status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"kind":"subject","value":"`+subject+`"}`)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
}

// streams is how many the latch says are open.
func (s *roverStage) streams(t *testing.T) int { return s.metric(t, "botlatch_open_streams") }

// wills is how many last wills were sent, or were not.
func (s *roverStage) wills(t *testing.T, result string) int {
	return s.metric(t, `botlatch_last_wills_total{result="`+result+`"}`)
}

// metric is a number of the admin endpoint's; 0 when it does not have it.
func (s *roverStage) metric(t *testing.T, name string) int {
	t.Helper()
	_, text := s.latch.Ask(t, http.MethodGet, "/metrics", "")
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (.*)$`).FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// wantStop waits for the first order of a text, and returns it.
func (s *roverStage) wantStop(t *testing.T, text string) order {
	t.Helper()
	eventually(t, text, func() bool { return len(s.bot.orders(text)) > 0 })
	return s.bot.orders(text)[0]
}

// wantOrders ends the latch, which waits for last wills, and compares all that the bot was told to do with what it should.
func (s *roverStage) wantOrders(t *testing.T, want map[string]int) {
	t.Helper()
	s.latch.Stop()
	got := make(map[string]int)
	for _, text := range s.bot.texts() {
		got[text]++
	}
	for text, n := range want {
		if got[text] != n {
			t.Errorf("%s came %d times, want %d", text, got[text], n)
		}
		delete(got, text)
	}
	for text, n := range got {
		t.Errorf("%s came %d times, and nobody should have sent it", text, n)
	}
}

// logged counts the lines of the latch's log that have all of these words.
func (s *roverStage) logged(words ...string) (n int) {
	for line := range strings.Lines(s.latch.Log()) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			n++
		}
	}
	return n
}
