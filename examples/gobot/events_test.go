package main

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	events = "robot:events"
	// eventsRule is what an owner may add who knows what it costs.
	eventsRule = "\t\tallow GET /api/robots/*/devices/*/events/* scope " + events + "\n"
	hangs      = 5 * time.Second // no answer for so long is none
)

// A driver moves the servo and hears of it, at the bot itself or through the latch.
type driver struct{ url, token string }

// move tells whether it was answered.
func (d driver) move(t *testing.T) bool {
	t.Helper()
	return d.post(t, door+"/devices/servo/commands/ToMax")
}

func (d driver) post(t *testing.T, path string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hangs)
	defer cancel()
	res, err := send(ctx, request{http.MethodPost, d.url + path, d.token, `{}`})
	if err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		return false
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d", path, res.StatusCode)
	}
	return true
}

// subscribe hears of moves until leave is called. The servo is moved until the first was heard: before that, Gobot says
// nothing at all.
func (d driver) subscribe(t *testing.T) (leave func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	heard, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		res, err := send(ctx, request{http.MethodGet, d.url + door + "/devices/servo/events/moved", d.token, ""})
		if err != nil {
			return
		}
		defer res.Body.Close()
		first := true
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if first && strings.HasPrefix(lines.Text(), "data: ") {
				first = false
				close(heard)
			}
		}
	}()
	leave = func() { cancel(); <-gone }
	t.Cleanup(leave)
	for range 100 {
		d.move(t)
		select {
		case <-heard:
			return leave
		case <-gone:
			t.Fatal("the stream ended")
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatal("nothing was heard of a move")
	return nil
}

// TestAnEventSubscriberThatLeaves shows why the Caddyfile has no rule for events: Gobot goes on handing events to a
// subscriber that has gone, until its buffers are full, and then waits for it in the middle of a command.
func TestAnEventSubscriberThatLeaves(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"at the bot", "through the latch"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			b := startBotOn(t, nil)
			d := driver{url: b.url}
			if where == "through the latch" {
				s := newStage(t, b, eventsRule)
				d = driver{s.latch.URL, s.token(t, command, events)}
			}
			leave := d.subscribe(t)
			for range 60 {
				if !d.move(t) {
					t.Fatal("a move was not answered although the subscriber is there")
				}
			}
			leave()
			answered := 0
			for answered < 60 && d.move(t) {
				answered++
			}
			// One event is in hand, ten wait for the subscriber, one with whoever hands them out, ten wait for that one.
			// Bytes may still have gone to a connection whose end was not seen yet.
			if answered < 22 || answered == 60 {
				t.Errorf("%d moves were answered behind the subscriber, want 22 or a few more", answered)
			}
			t.Logf("%d moves were answered behind the subscriber, then none", answered)
			if d.move(t) {
				t.Error("the servo came back")
			}
			if !d.post(t, door+"/devices/led/commands/Toggle") {
				t.Error("the LED hangs too")
			}
		})
	}
}
