package botapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestStopEndsStreamsAndLeavesNoGoroutine(t *testing.T) { // not parallel: it counts goroutines
	b := newBench(t, hurried) // Gobot's eventers never end, they are made here
	b.server.Close()
	if err := b.bot.Stop(); err != nil {
		t.Fatal(err)
	}
	before := goleak.IgnoreCurrent()
	for range 3 {
		if err := b.bot.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.server = httptest.NewServer(b.bot.Handler())
		listeners := []*listener{b.listen(t), b.listen(t), b.listen(t)}
		c := b.drive(t)
		c.send(t, `{"left":50,"right":50}`)
		c.want(t, `{"left":50,"right":50}`)
		listeners[2].cancel()
		began := time.Now()
		if err := b.bot.Stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("took %s to stop", took)
		}
		for _, s := range listeners[:2] { // to the end of the body, without an error
			if _, err := io.Copy(io.Discard, s.response.Body); err != nil {
				t.Error(err)
			}
		}
		b.ask(t, "GET", "/api/events", "").wantProblem(t, http.StatusServiceUnavailable)
		c.close()
		b.server.Client().CloseIdleConnections()
		b.server.Close()
	}
	goleak.VerifyNone(t, before)
	b.server = httptest.NewServer(http.NotFoundHandler()) // for the cleanup
}

func TestDrainEndsStreamsOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t, hurried)
	s := b.listen(t)
	b.bot.Drain()
	if _, err := io.Copy(io.Discard, s.response.Body); err != nil {
		t.Error(err)
	}
	b.ask(t, "GET", "/api/events", "").wantProblem(t, http.StatusServiceUnavailable)
	if r := b.ask(t, "POST", "/api/door/unlock", ""); r.status != http.StatusOK || b.board.Servo(PinDoor) != AngleUnlocked {
		t.Errorf("%d, the lock is at %d", r.status, b.board.Servo(PinDoor))
	}
}
