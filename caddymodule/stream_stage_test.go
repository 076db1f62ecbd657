package caddymodule_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// patience is how long anything in these tests may take, however busy the machine.
const patience = 20 * time.Second

// streamSite lets everything through that streamBot has, with scope drive; a last will is on /ws and /events.
const streamSite = `http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow WS /ws scope drive {
			last_will POST /stop "{\"speed\":0}"
		}
		allow GET /events scope drive {
			last_will GET /stop?how=now
		}
		allow WS /talk scope drive
		allow GET,POST /quiet /camera /download /wait /upload scope drive
	}
	reverse_proxy {$BOT}
}
`

// streamStage is a streamBot, the real binary in front of it, and the key of the issuer that it knows.
type streamStage struct {
	stage

	bot *streamBot
}

func newStreamStage(t *testing.T, sites string, env ...string) *streamStage {
	t.Helper()
	s := &streamStage{bot: startStreamBot(t)}
	s.key = latchtest.NewKey(t, jose.EdDSA)
	s.latch = latchtest.Start(t, options+sites, append(env, "BOT="+trimScheme(s.bot.URL), "KEYS="+s.key.File)...)
	return s
}

// driver is a token of a subject for a time.
func (s *streamStage) driver(t *testing.T, subject string, lives time.Duration) string {
	t.Helper()
	return s.key.Mint(t, issue.Token{
		Issuer: issuerName, Subject: subject, Audience: []string{audience}, Scope: []string{"drive"}, TTL: lives,
	})
}

// dial opens a WebSocket through the latch.
func (s *streamStage) dial(t *testing.T, path, token string) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, res, err := websocket.Dial(ctx, s.latch.URL+path, &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token}},
	})
	if err != nil {
		t.Fatalf("%v, %v", res, err)
	}
	c.SetReadLimit(1 << 20)
	t.Cleanup(func() { _ = c.CloseNow() })
	return c
}

// get opens a request through the latch, whose body the caller reads.
func (s *streamStage) get(t *testing.T, client *http.Client, path, token string) *http.Response {
	t.Helper()
	return getAt(t, client, s.latch.URL+path, token)
}

// getAt is get of a URL.
func getAt(t *testing.T, client *http.Client, url, token string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// answerOfRevoke is what the admin API says to a revocation, of streams.
type answerOfRevoke struct {
	Streams int     `json:"streams_ended"`
	TookMS  float64 `json:"took_ms"`
}

// revokeSubject revokes everything of a subject.
func (s *streamStage) revokeSubject(t *testing.T, subject string) answerOfRevoke {
	t.Helper()
	return s.revoke(t, fmt.Sprintf(`{"kind":"subject","value":%q}`, subject))
}

// revoke asks the admin API for a revocation.
func (s *streamStage) revoke(t *testing.T, request string) (a answerOfRevoke) {
	t.Helper()
	status, body := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", request)
	if err := json.Unmarshal([]byte(body), &a); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	return a
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for began := time.Now(); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > patience {
			t.Fatalf("not in %s: %s", patience, what)
		}
	}
}
