package botapi

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/botlatch/botlatch/botapi/sim"
)

func TestStopsWhenTheDriverGoes(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(wheel){
		"ok/closed":     func(w wheel) { _ = w.Close(websocket.StatusNormalClosure, "") },
		"ok/connection": func(w wheel) { _ = w.CloseNow() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, silentFor(time.Minute))
			c := b.drive(t)
			c.send(t, `{"left":100,"right":100}`)
			c.want(t, `{"left":100,"right":100}`)
			leave(c)
			b.wantStanding(t)
			b.wantNobodyDriving(t)
			b.drive(t).send(t, `{"left":20,"right":20}`) // the next one may drive
			soon(t, "it drives", func() bool { return b.motors() == [2]int{108, 72} })
		})
	}
}

func TestStopsWhenTheDriverIsSilent(t *testing.T) {
	t.Parallel()
	const limit = time.Second
	b := newBench(t, silentFor(limit))
	c := b.drive(t)
	began := time.Now()
	for time.Since(began) < 2*limit { // talking keeps it moving
		c.send(t, `{"left":100,"right":100}`)
		c.want(t, `{"left":100,"right":100}`)
		time.Sleep(limit / 50)
	}
	c.want(t, stopped)
	if b.motors() != standing {
		t.Errorf("the motors are at %v", b.motors())
	}
	c.send(t, `{"left":10,"right":10}`) // it still drives
	c.want(t, `{"left":10,"right":10}`)
	began = time.Now()
	c.send(t, `{"left":10}`) // what is not understood does not count
	if text, err := c.receive(t); err != nil || !strings.Contains(text, `"status":422`) {
		t.Errorf("got %s, %v", text, err)
	}
	c.want(t, stopped)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestLetsNobodyDriveUnlessItRuns(t *testing.T) {
	t.Parallel()
	b := newBench(t, silentFor(time.Minute))
	c := b.drive(t)
	c.send(t, `{"left":100,"right":100}`)
	c.want(t, `{"left":100,"right":100}`)
	if err := b.bot.Stop(); err != nil {
		t.Fatal(err)
	}
	if b.motors() != standing {
		t.Errorf("the motors are at %v", b.motors())
	}
	before := b.board.Actuations()
	c.wantEnd(t, websocket.StatusGoingAway)
	b.handshake(t, nil).wantProblem(t, http.StatusServiceUnavailable)
	b.ask(t, "POST", "/api/drive/stop", "").wantProblem(t, http.StatusServiceUnavailable)
	if b.board.Actuations() != before {
		t.Error("moved")
	}
}

// order is a board that notes which pins came to which angle.
type order struct {
	*sim.Board
	writes chan string
}

func (o order) ServoWrite(pin string, angle byte) error {
	o.writes <- pin
	return o.Board.ServoWrite(pin, angle)
}

func TestStopsTheMotorsFirst(t *testing.T) {
	t.Parallel()
	board := order{sim.New(), make(chan string, 100)}
	bot := New(board)
	if err := bot.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for len(board.writes) > 0 {
		<-board.writes
	}
	if err := bot.Stop(); err != nil {
		t.Fatal(err)
	}
	if first, second := <-board.writes, <-board.writes; first != PinLeft || second != PinRight {
		t.Errorf("pin %s, then pin %s", first, second)
	}
}

func TestLetsGoOfADriverWhoDoesNotAnswerPings(t *testing.T) {
	t.Parallel()
	b := newBench(t, silentFor(time.Minute), func(b *Bot) { b.drive.ping = 50 * time.Millisecond })
	var dialer net.Dialer
	c, err := dialer.DialContext(t.Context(), "tcp", b.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET /api/drive HTTP/1.1\r\nHost: bot\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	read, err := io.ReadAll(c) // up to the end
	if err != nil && !strings.Contains(err.Error(), "reset") || !strings.HasPrefix(string(read), "HTTP/1.1 101") {
		t.Errorf("%q, %v", read, err)
	}
	b.wantNobodyDriving(t)
}

func TestStopsBothMotorsWhenOneFails(t *testing.T) {
	t.Parallel()
	board := sim.New()
	b := newBenchOn(t, lame{board}, board, silentFor(time.Minute))
	c := b.drive(t)
	c.send(t, `{"left":100,"right":100}`)
	if text, err := c.receive(t); err != nil || !strings.Contains(text, `"status":500`) || strings.Contains(text, "lame") {
		t.Errorf("got %s, %v", text, err)
	}
	if b.motors() != standing {
		t.Errorf("the motors are at %v", b.motors())
	}
}

// lame is a board on which the right motor can only be stopped.
type lame struct{ *sim.Board }

func (l lame) ServoWrite(pin string, angle byte) error {
	if pin == PinRight && angle != AngleStopped {
		return errors.New("the motor is lame")
	}
	return l.Board.ServoWrite(pin, angle)
}

func TestStopsTheMotorsOnceTheBoardIsBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]func(*testing.T, *bench, wheel){
		"bad/silent": func(*testing.T, *bench, wheel) {},
		"bad/gone":   func(_ *testing.T, _ *bench, w wheel) { w.close() },
		"bad/told to stop": func(t *testing.T, b *bench, _ wheel) {
			p := b.ask(t, "POST", "/api/drive/stop", "").wantProblem(t, http.StatusInternalServerError)
			if !strings.Contains(p.Detail, "may be moving") {
				t.Error(p.Detail)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, silentFor(100*time.Millisecond))
			w := b.drive(t)
			var moving [2]int
			for moving != [2]int{180, 0} { // it may take longer than the limit to look
				const ahead = `{"left":100,"right":100}`
				w.send(t, ahead)
				for got := ""; got != ahead; {
					var err error
					if got, err = w.receive(t); err != nil {
						t.Fatal(err)
					}
				}
				b.board.Fail(errors.New("loose cable"))
				if moving = b.motors(); moving == standing {
					b.board.Fail(nil)
				}
			}
			c(t, b, w)
			time.Sleep(250 * time.Millisecond)
			if b.motors() != moving {
				t.Errorf("the board failed and the motors are at %v", b.motors())
			}
			b.board.Fail(nil)
			b.wantStanding(t)
		})
	}
}
