package caddymodule_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/botlatch/botlatch/caddymodule/issue"
)

// atOnce is how late a cut may be.
const atOnce = raceCost * time.Second

// bothSites is streamSite without last wills, in the clear and over TLS.
const bothSites = `(guarded) {
	bind 127.0.0.1
	botlatch {
		allow WS /ws /talk scope drive
		allow GET,POST /events /flood /quiet /camera /download /wait /upload /stop scope drive
	}
	reverse_proxy {$BOT}
}
http://127.0.0.1:{$PORT} {
	import guarded
}
https://localhost:{$TLS_PORT} {
	tls {$CERT} {$KEY}
	import guarded
}
`

// issued is a token of a subject for a time, and when it ends.
func (s *streamStage) issued(t *testing.T, subject string, lives time.Duration) *issue.Issued {
	t.Helper()
	token, err := issue.Token{
		Issuer: issuerName, Subject: subject, Audience: []string{audience}, Scope: []string{"drive"}, TTL: lives,
	}.Issue(s.key.SigningKey, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// metric is what a series says; 0: it says nothing.
func (s *streamStage) metric(t *testing.T, series string) float64 {
	t.Helper()
	_, metrics := s.latch.Ask(t, http.MethodGet, "/metrics", "")
	for line := range strings.Lines(metrics) {
		if value, found := strings.CutPrefix(line, series+" "); found {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	return 0
}

// over waits until nothing is open, here and at the bot, and asserts how many streams have ended by a cause.
func (s *streamStage) over(t *testing.T, cause string, n int) {
	t.Helper()
	eventually(t, "nothing is open", func() bool { return s.metric(t, "botlatch_open_streams") == 0 && s.bot.allOpen() == 0 })
	if got := s.metric(t, fmt.Sprintf("botlatch_streams_ended_total{cause=%q}", cause)); got != float64(n) {
		t.Errorf("%v ended: %s, want %d", got, cause, n)
	}
}

// end is how a stream went, and when.
type end struct {
	how string // "1008 token revoked" of a WebSocket; "EOF", or an error, of a body
	at  time.Time
	n   int64 // bytes of a body
}

// closing reads a WebSocket to its end beside the test: who does not read is not waited for.
func closing(t *testing.T, c *websocket.Conn) <-chan end {
	ended := make(chan end, 1)
	go func() {
		code, reason, _ := readClose(t, c)
		ended <- end{how: fmt.Sprint(int(code), " ", reason), at: time.Now()}
	}()
	return ended
}

// ending reads a body to its end beside the test.
func ending(res *http.Response) <-chan end {
	ended := make(chan end, 1)
	go func() {
		n, err := io.Copy(io.Discard, res.Body)
		if err == nil {
			err = io.EOF
		}
		ended <- end{err.Error(), time.Now(), n}
	}()
	return ended
}

// await is the end of a stream.
func await(t *testing.T, ended <-chan end) end {
	t.Helper()
	select {
	case e := <-ended:
		return e
	case <-time.After(patience):
		t.Fatal("it is still open")
		return end{}
	}
}

// soon asserts that something that began was over at once.
func soon(t *testing.T, began, over time.Time) {
	t.Helper()
	if took := over.Sub(began); took > atOnce {
		t.Errorf("it took %v", took)
	}
}

// refused asserts that a token gets an answer of the latch to GET.
func (s *streamStage) refused(t *testing.T, path, token string, status int) {
	t.Helper()
	if res := s.get(t, http.DefaultClient, path, token); res.StatusCode != status {
		t.Errorf("the next attempt: %d, want %d", res.StatusCode, status)
	}
}

// allOpen is how many requests are open at the bot.
func (b *streamBot) allOpen() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, open := range b.open {
		n += open
	}
	return n
}
