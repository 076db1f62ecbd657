package caddymodule_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// stuck opens a request by hand and reads nothing of the answer.
func (s *streamStage) stuck(t *testing.T, path, token string, fields ...string) {
	t.Helper()
	conn, err := net.Dial("tcp", trimScheme(s.latch.URL))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(4096)
	lines := append(handshake(path, trimScheme(s.latch.URL), append(fields, "Authorization: Bearer "+token)...), "")
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")); err != nil {
		t.Fatal(err)
	}
}

// TestClientsThatDoNotReadHoldNobodyUp: 200 of them, and one who reads.
func TestClientsThatDoNotReadHoldNobodyUp(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, bothSites)
	token := s.driver(t, "ana", 0)
	const n = 200
	for i := range n {
		if i%2 == 0 {
			s.stuck(t, "/talk", token, handshakeFields()...)
		} else {
			s.stuck(t, "/flood", token)
		}
	}
	eventually(t, "all are open", func() bool { return s.bot.isOpen("/talk")+s.bot.isOpen("/flood") == n })
	said, since := int64(-1), time.Now()
	eventually(t, "all are stuck", func() bool {
		if now := s.bot.said.Load(); now != said {
			said, since = now, time.Now()
		}
		return time.Since(since) > 300*time.Millisecond
	})
	reader := closing(t, s.dial(t, "/ws", token))
	eventually(t, "the reader is open", func() bool { return s.bot.isOpen("/ws") == 1 })
	began := time.Now()
	a := s.revokeSubject(t, "ana")
	if a.Streams != n+1 || a.TookMS > 1000*atOnce.Seconds() {
		t.Errorf("answer %+v", a)
	}
	e := await(t, reader)
	if e.how != "1008 token revoked" {
		t.Errorf("the reader's end was %s", e.how)
	}
	t.Logf("the reader's end came after %v, all had ended after %v ms", e.at.Sub(began), a.TookMS)
	soon(t, began, e.at)
	s.over(t, "revoked", n+1)
}

// TestAClientThatSendsWithoutPauseGetsTheCloseFrame: closing on what it still says would reset the connection, and the
// reset can overtake the frame. It does not run beside others: who gets no processor for long is taken for stuck.
func TestAClientThatSendsWithoutPauseGetsTheCloseFrame(t *testing.T) {
	s := newStreamStage(t, bothSites)
	const rounds = 10
	for i := range rounds {
		subject := fmt.Sprint("ana", i)
		c := s.dial(t, "/ws", s.driver(t, subject, 0))
		sent := make(chan struct{}) // closed when sending has ended, with the connection
		go func() {
			message := make([]byte, 32<<10)
			for {
				if err := c.Write(t.Context(), websocket.MessageBinary, message); err != nil {
					close(sent)
					return
				}
			}
		}()
		for range 20 {
			if _, _, err := c.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ended, began := closing(t, c), time.Now()
		s.revokeSubject(t, subject)
		e := await(t, ended)
		if e.how != "1008 token revoked" {
			t.Errorf("round %d: it ended with %s", i, e.how)
		}
		soon(t, began, e.at)
		<-sent
	}
	s.over(t, "revoked", rounds)
}

// TestNoStreamSlipsPastARevocation that is made while it opens.
func TestNoStreamSlipsPastARevocation(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, bothSites)
	const rounds, openers = 30, 4
	for i := range rounds {
		subject := fmt.Sprint("ana", i)
		token := s.driver(t, subject, 0)
		out := make(chan time.Time, openers)
		for j := range openers {
			go func() {
				for s.openAgain(t, j%2 == 0, token) {
				}
				out <- time.Now()
			}()
		}
		time.Sleep(time.Duration(i) * time.Millisecond)
		s.revokeSubject(t, subject)
		answered := time.Now()
		for range openers {
			select {
			case at := <-out:
				soon(t, answered, at)
			case <-time.After(patience):
				t.Fatal("one still has its stream")
			}
		}
	}
	eventually(t, "nothing is open", func() bool { return s.metric(t, "botlatch_open_streams") == 0 && s.bot.allOpen() == 0 })
	t.Logf("%v streams were cut", s.metric(t, `botlatch_streams_ended_total{cause="revoked"}`))
}

// openAgain opens a stream and reads it to its end. It reports false when the token is refused.
func (s *streamStage) openAgain(t *testing.T, ws bool, token string) bool {
	if !ws {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.latch.URL+"/events", http.NoBody)
		if err != nil {
			t.Error(err)
			return false
		}
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(r)
		if errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
			return true // a busy machine did not come to its end in time, so it was broken off
		}
		if err != nil {
			t.Error(err)
			return false
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode != http.StatusUnauthorized
	}
	c, res, err := websocket.Dial(t.Context(), s.latch.URL+"/ws", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token}},
	})
	if err != nil {
		if res == nil {
			t.Error(err)
		}
		return res != nil && res.StatusCode != http.StatusUnauthorized
	}
	defer func() { _ = c.CloseNow() }()
	_, _, _ = readClose(t, c)
	return true
}
