package caddymodule_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// readClose reads until the WebSocket ends, and returns the close frame and how many messages came before.
func readClose(t *testing.T, c *websocket.Conn) (code websocket.StatusCode, reason string, messages int) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		if _, _, err := c.Read(ctx); err != nil {
			var closed websocket.CloseError
			if !errors.As(err, &closed) {
				t.Errorf("no close frame: %v", err)
			}
			return closed.Code, closed.Reason, messages
		}
		messages++
	}
}

// TestARevokedDriverLosesTheWheel, and the bot is told to stop.
func TestARevokedDriverLosesTheWheel(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/ws", "/talk"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := newStreamStage(t, streamSite)
			token := s.driver(t, "ana", 0)
			c := s.dial(t, path, token)
			if _, _, err := c.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			closed := make(chan string)
			go func() { // who does not read is not waited for
				code, reason, _ := readClose(t, c)
				closed <- fmt.Sprint(int(code), " ", reason)
			}()
			if a := s.revokeSubject(t, "ana"); a.Streams != 1 || a.TookMS > 5000 {
				t.Errorf("answer %+v", a)
			}
			if got := <-closed; got != "1008 token revoked" {
				t.Errorf("closed with %s", got)
			}
			eventually(t, "the bot's side closed", func() bool { return s.bot.isOpen(path) == 0 })
			if path == "/ws" {
				eventually(t, "the last will came", func() bool { return len(s.bot.stopped()) == 1 })
				if got := s.bot.stopped()[0]; got != `POST /stop {"speed":0}` {
					t.Errorf("the last will was %q", got)
				}
			}
			_, res, err := websocket.Dial(t.Context(), s.latch.URL+path, &websocket.DialOptions{
				HTTPHeader: http.Header{"Authorization": {"Bearer " + token}},
			})
			if err == nil || res.StatusCode != http.StatusUnauthorized {
				t.Errorf("the next attempt: %v, %v", res, err)
			}
		})
	}
}

// TestAStreamEndsWhenItsTokenExpires to the second, and its body ends well when it has no end of its own.
func TestAStreamEndsWhenItsTokenExpires(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, streamSite)
	for _, path := range []string{"/events", "/quiet", "/camera"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			token := s.driver(t, "ben", 2*time.Second)
			res := s.get(t, http.DefaultClient, path, token)
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Errorf("the body did not end well: %v", err)
			}
			if !strings.Contains(string(body), "1") {
				t.Errorf("body %q", body)
			}
			eventually(t, "the bot's side closed", func() bool { return s.bot.isOpen(path) == 0 })
			if res := s.get(t, http.DefaultClient, path, token); res.StatusCode != http.StatusUnauthorized {
				t.Errorf("the next attempt: %d", res.StatusCode)
			}
		})
	}
}
