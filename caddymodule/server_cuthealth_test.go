package caddymodule_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestACutIsNoFailureOfTheBot: a pool that counts failures goes on to send it requests, and no error is logged.
func TestACutIsNoFailureOfTheBot(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, strings.Replace(bothSites, "reverse_proxy {$BOT}", "reverse_proxy {$BOT} {\n\t\tfail_duration 1m\n\t\tmax_fails 1\n\t}", 1))
	innocent := s.driver(t, "zoe", 0)
	const rounds = 4
	for i := range rounds {
		for _, path := range []string{"/ws", "/events", "/download", "/upload", "/wait"} {
			subject := fmt.Sprint("ana", i, path)
			token := s.driver(t, subject, 0)
			done, read := make(chan struct{}), func() { s.getAndRead(t, path, token) }
			if path == "/ws" {
				c := s.dial(t, path, token) // until the client has its 101 it is no WebSocket yet
				read = func() { _, _, _ = readClose(t, c) }
			}
			go func() {
				defer close(done)
				read()
			}()
			eventually(t, path+" is open", func() bool { return s.bot.isOpen(path) == 1 })
			if a := s.revokeSubject(t, subject); a.Streams != 1 {
				t.Errorf("%s: answer %+v", path, a)
			}
			<-done
			eventually(t, "the bot's side closed", func() bool { return s.bot.isOpen(path) == 0 })
			if res := s.get(t, http.DefaultClient, "/stop", innocent); res.StatusCode != http.StatusOK {
				t.Errorf("after %s was cut an innocent request gets %d", path, res.StatusCode)
			}
		}
	}
	s.over(t, "revoked", 5*rounds)
	for line := range strings.Lines(s.latch.Log()) {
		if strings.Contains(line, `"level":"error"`) && strings.Contains(line, `"logger":"http`) {
			t.Errorf("logged: %s", line)
		}
	}
}

// getAndRead opens a stream that is no WebSocket, and returns when it has ended.
func (s *streamStage) getAndRead(t *testing.T, path, token string) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.latch.URL+path, http.NoBody)
	if path == "/upload" {
		r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, s.latch.URL+path, newTrickle(false))
	}
	if err != nil {
		t.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if res, err := http.DefaultClient.Do(r); err == nil {
		<-ending(res)
		_ = res.Body.Close()
	}
}

// TestTheCloseFrameComesWhateverIsLogged: with an access log Caddy hides how to close half of a connection.
func TestTheCloseFrameComesWhateverIsLogged(t *testing.T) {
	t.Parallel()
	for name, log := range map[string]string{"no access log": "", "access log": "log\n\t"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreamStage(t, strings.Replace(bothSites, "bind 127.0.0.1", log+"bind 127.0.0.1", 1))
			cuts := 0
			for base, client := range map[string]*http.Client{s.latch.URL: http.DefaultClient, s.latch.TLSURL: s.latch.TLSClient(true)} {
				for _, path := range []string{"/ws", "/talk"} {
					subject := base + path
					c, _, err := websocket.Dial(t.Context(), base+path, &websocket.DialOptions{
						HTTPClient: client, HTTPHeader: http.Header{"Authorization": {"Bearer " + s.driver(t, subject, 0)}},
					})
					if err != nil {
						t.Fatal(err)
					}
					c.SetReadLimit(1 << 20)
					ended, began := closing(t, c), time.Now()
					s.revokeSubject(t, subject)
					cuts++
					e := await(t, ended)
					if e.how != "1008 token revoked" {
						t.Errorf("%s: it ended with %s", subject, e.how)
					}
					soon(t, began, e.at)
				}
			}
			s.over(t, "revoked", cuts)
			if logged := strings.Contains(s.latch.Log(), `"status":101`); logged != (log != "") {
				t.Errorf("in the access log: %v", logged)
			}
		})
	}
}

// TestACutIsOneLine that says why, and neither whose token nor which.
func TestACutIsOneLine(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, bothSites)
	ended := ending(s.get(t, http.DefaultClient, "/events", s.driver(t, "somebody-to-be-kept-secret", 0)))
	kept := s.dial(t, "/ws", s.driver(t, "ben", 0)) // who leaves by himself is no line
	_ = kept.CloseNow()
	s.revokeSubject(t, "somebody-to-be-kept-secret")
	await(t, ended)
	s.over(t, "revoked", 1)
	lines := 0
	for line := range strings.Lines(s.latch.Log()) {
		if !strings.Contains(line, "stream ended") {
			continue
		}
		lines++
		for _, want := range []string{
			`"level":"info"`, `"msg":"stream ended: revoked"`, `"cause":"revoked"`, `"kind":"event_stream"`, `"rule":"`, `"after":`,
			`"iss":"` + issuerName, `"kid":"` + s.key.ID, `"fingerprint":"`,
		} {
			if !strings.Contains(line, want) {
				t.Errorf("no %s in %s", want, line)
			}
		}
	}
	if lines != 1 {
		t.Errorf("%d lines", lines)
	}
	if strings.Contains(s.latch.Log(), "somebody-to-be-kept-secret") {
		t.Error("the log names the subject")
	}
}

// TestReportOnlyCutsNothing, whatever becomes of the token.
func TestReportOnlyCutsNothing(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, strings.Replace(bothSites, "botlatch {", "botlatch {\n\t\tinsecure_report_only", 1))
	token := s.issued(t, "ana", 2*time.Second)
	c, events := s.dial(t, "/ws", token.Raw), ending(s.get(t, http.DefaultClient, "/events", token.Raw))
	if _, _, err := c.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := s.revokeSubject(t, "ana"); a.Streams != 0 {
		t.Errorf("answer %+v", a)
	}
	time.Sleep(time.Until(token.ExpiresAt.Add(time.Second)))
	drives(t, c)
	select {
	case e := <-events:
		t.Errorf("the events ended with %s", e.how)
	default:
	}
	for _, cause := range []string{"expired", "revoked"} {
		if n := s.metric(t, fmt.Sprintf("botlatch_streams_ended_total{cause=%q}", cause)); n != 0 {
			t.Errorf("%v ended: %s", n, cause)
		}
	}
}
