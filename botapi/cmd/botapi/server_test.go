package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/botapi/sim"
)

// serve runs a server on board until the test cancels it; done yields what run returned.
func serve(t *testing.T, board botapi.Board, change func(*server)) (address string, cancel func(), done <-chan error) {
	t.Helper()
	l, err := listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	s := newServer(botapi.New(board))
	change(s)
	out, lines := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx, l, lines); _ = lines.Close() }()
	if _, err := out.Read(make([]byte, 200)); err != nil { // it listens, and the bot runs
		t.Fatalf("%v: %v", err, <-ended)
	}
	return l.Addr().String(), cancel, ended
}

// begin sends a request without the last byte of its body.
func begin(t *testing.T, address string) net.Conn {
	t.Helper()
	var dialer net.Dialer
	c, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, c)
	_, err = io.WriteString(c, "PUT /api/arm/joints/base HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"+
		"Expect: 100-continue\r\nContent-Length: 12\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := c.Read(make([]byte, 200)); n == 0 { // 100 Continue: the handler reads
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, `{"angle":45`); err != nil {
		t.Fatal(err)
	}
	return c
}

func ended(t *testing.T, done <-chan error, within time.Duration) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(within):
		t.Fatalf("still running after %s", within)
		return nil
	}
}

func TestAnswersRequestsUnderWayAndRests(t *testing.T) {
	t.Parallel()
	board := sim.New()
	address, cancel, done := serve(t, board, func(*server) {})
	c := begin(t, address)
	before := board.Actuations()
	cancel()
	for { // until the listener is closed
		other, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		_ = other.Close()
		time.Sleep(5 * time.Millisecond)
	}
	if _, err := io.WriteString(c, "}"); err != nil {
		t.Fatal(err)
	}
	reply, _ := io.ReadAll(c)
	if !strings.HasPrefix(string(reply), "HTTP/1.1 200") || !strings.Contains(string(reply), `"angle":45`) {
		t.Errorf("the request under way got %q", reply)
	}
	if err := ended(t, done, 5*time.Second); err != nil {
		t.Error(err)
	}
	if got := board.Actuations() - before; got != 1+9 || board.Servo(botapi.PinBase) != 90 || board.Connected() {
		t.Errorf("%d moves, base at %d, connected %v", got, board.Servo(botapi.PinBase), board.Connected())
	}
}

func TestCutsOffRequestsThatNeverEnd(t *testing.T) {
	t.Parallel()
	board := sim.New()
	address, cancel, done := serve(t, board, func(s *server) { s.drain = 50 * time.Millisecond })
	begin(t, address)
	before := board.Actuations()
	cancel()
	if err := ended(t, done, 5*time.Second); err != nil {
		t.Error(err)
	}
	if got := board.Actuations() - before; got != 9 || board.Connected() {
		t.Errorf("%d moves, connected %v", got, board.Connected())
	}
}

func TestStreamsOutliveTimeoutsAndEndAtOnce(t *testing.T) {
	t.Parallel()
	const timeout = 100 * time.Millisecond
	board := sim.New()
	address, cancel, done := serve(t, board, func(s *server) {
		s.http.ReadHeaderTimeout, s.http.ReadTimeout, s.http.WriteTimeout = timeout, timeout, timeout
	})
	response, err := http.Get("http://" + address + "/api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	c, _, err := websocket.Dial(t.Context(), "ws://"+address+"/api/drive", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.CloseNow() }()
	time.Sleep(5 * timeout)
	drive := []byte(`{"left":100,"right":100}`)
	if err := c.Write(t.Context(), websocket.MessageText, drive); err != nil {
		t.Error(err)
	}
	if _, got, err := c.Read(t.Context()); err != nil || !bytes.Equal(got, drive) || board.Servo(botapi.PinLeft) != 180 {
		t.Errorf("got %s, %v, motor at %d", got, err, board.Servo(botapi.PinLeft))
	}
	began := time.Now()
	cancel()
	got, err := io.ReadAll(response.Body) // to its end, readings are a second apart
	if err != nil || !strings.HasPrefix(string(got), ": listening\n\n") {
		t.Errorf("%q, %v", got, err)
	}
	if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the channel ended with %v", err)
	}
	if err := ended(t, done, 5*time.Second); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second || board.Servo(botapi.PinLeft) != botapi.AngleStopped {
		t.Errorf("took %s, motor at %d", took, board.Servo(botapi.PinLeft))
	}
}

func TestStopsWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	if s := newServer(botapi.New(sim.New())); s.drain+s.rest >= 5*time.Second {
		t.Errorf("takes %s", s.drain+s.rest)
	}
}

// frozen is a board that hangs once it is cold.
type frozen struct {
	*sim.Board
	cold <-chan struct{}
}

func (f frozen) ServoWrite(pin string, angle byte) error {
	select {
	case <-f.cold:
		select {}
	default:
		return f.Board.ServoWrite(pin, angle)
	}
}

func TestDoesNotWaitForABoardThatHangs(t *testing.T) {
	t.Parallel()
	cold := make(chan struct{})
	_, cancel, done := serve(t, frozen{sim.New(), cold}, func(s *server) { s.rest = 50 * time.Millisecond })
	close(cold)
	cancel()
	if err := ended(t, done, 5*time.Second); err == nil || !strings.Contains(err.Error(), "not at rest within 50ms") {
		t.Errorf("got %v", err)
	}
}

func TestDoesNotServeARobotThatDidNotStart(t *testing.T) {
	t.Parallel()
	board, loose := sim.New(), errors.New("loose cable")
	board.Fail(loose)
	l, err := listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := newServer(botapi.New(board)).run(t.Context(), l, io.Discard); !errors.Is(err, loose) {
		t.Errorf("got %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener is open: %v", err)
	}
}

func TestRestsWhenTheListenerBreaks(t *testing.T) {
	t.Parallel()
	board := sim.New()
	l, err := listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	err = newServer(botapi.New(board)).run(t.Context(), l, io.Discard)
	if err == nil || errors.Is(err, http.ErrServerClosed) || board.Connected() || board.Actuations() != 9+9 {
		t.Errorf("got %v, connected %v, %d actuations", err, board.Connected(), board.Actuations())
	}
}
