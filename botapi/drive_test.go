package botapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// wheel is a client of the driver's channel.
type wheel struct{ *websocket.Conn }

// drive returns once it drives.
func (b *bench) drive(t *testing.T) wheel {
	t.Helper()
	c, response, err := websocket.Dial(t.Context(), b.server.URL+"/api/drive", &websocket.DialOptions{HTTPClient: b.server.Client()})
	if err != nil {
		t.Fatalf("%v: %v", err, response)
	}
	w := wheel{c}
	t.Cleanup(w.close)
	return w
}

func (w wheel) close() { _ = w.CloseNow() }

func (w wheel) send(t *testing.T, message string) {
	t.Helper()
	if err := w.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

func (w wheel) receive(t *testing.T) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, message, err := w.Read(ctx)
	return string(message), err
}

func (w wheel) want(t *testing.T, message string) {
	t.Helper()
	if got, err := w.receive(t); err != nil || got != message {
		t.Fatalf("got %s, %v, want %s", got, err, message)
	}
}

// wantEnd reads up to the end of the channel.
func (w wheel) wantEnd(t *testing.T, code websocket.StatusCode) {
	t.Helper()
	for {
		if _, err := w.receive(t); err != nil {
			if websocket.CloseStatus(err) != code {
				t.Errorf("ended with %v, want %v", err, code)
			}
			return
		}
	}
}

const stopped = `{"left":0,"right":0}`

var standing = [2]int{AngleStopped, AngleStopped}

func (b *bench) motors() [2]int { return [2]int{b.board.Servo(PinLeft), b.board.Servo(PinRight)} }

func (b *bench) wantStanding(t *testing.T) {
	t.Helper()
	soon(t, "the rover stands", func() bool { return b.motors() == standing })
}

func (b *bench) wantNobodyDriving(t *testing.T) {
	t.Helper()
	soon(t, "nobody drives", func() bool {
		b.bot.drive.rover.mu.Lock()
		defer b.bot.drive.rover.mu.Unlock()
		return b.bot.drive.rover.driver == nil
	})
}

// silentFor has another limit for silence, and no readings.
func silentFor(limit time.Duration) func(*Bot) {
	return func(b *Bot) { b.drive.rover.limit, b.interval = limit, time.Hour }
}

func TestDrives(t *testing.T) {
	t.Parallel()
	b := newBench(t, silentFor(time.Minute))
	if b.motors() != standing {
		t.Errorf("started at %v", b.motors())
	}
	c := b.drive(t)
	for message, want := range map[string][2]int{
		`{"left":0,"right":0}`:       {90, 90},
		`{"left":100,"right":100}`:   {180, 0},
		`{"left":-100,"right":-100}`: {0, 180},
		`{"left":100,"right":-100}`:  {180, 180},
		`{"left":50,"right":10}`:     {135, 81},
		`{"left":-1,"right":1}`:      {90, 90}, // below one degree
	} {
		before := b.board.Actuations()
		c.send(t, message)
		c.want(t, message)
		if b.motors() != want || b.board.Actuations()-before != 2 {
			t.Errorf("%s: at %v, want %v", message, b.motors(), want)
		}
	}
	if b.positions() != atRest {
		t.Errorf("the arm is at %v", b.positions())
	}
}

func TestRefusesAMessageAndMovesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, silentFor(time.Minute))
	c := b.drive(t)
	before := b.board.Actuations()
	for name, m := range map[string]struct {
		message string
		status  int
	}{
		"bad/empty":       {``, 400},
		"bad/not JSON":    {`left`, 400},
		"bad/two values":  {`{"left":1,"right":1}{}`, 400},
		"bad/array":       {`[1,1]`, 422},
		"bad/one missing": {`{"left":1}`, 422},
		"bad/unknown":     {`{"left":1,"right":1,"up":1}`, 422},
		"bad/repeated":    {`{"left":1,"left":1,"right":1}`, 422},
		"bad/other case":  {`{"Left":1,"right":1}`, 422},
		"bad/above":       {`{"left":101,"right":1}`, 422},
		"bad/below":       {`{"left":1,"right":-101}`, 422},
		"bad/wraps":       {`{"left":18446744073709551617,"right":1}`, 422},
		"bad/fraction":    {`{"left":1.5,"right":1}`, 422},
		"bad/string":      {`{"left":"1","right":1}`, 422},
	} {
		c.send(t, m.message)
		text, err := c.receive(t)
		var p problem
		if err != nil || json.Unmarshal([]byte(text), &p) != nil || p.Status != m.status || p.Detail == "" {
			t.Errorf("%s: got %s, %v", name, text, err)
		}
	}
	if err := c.Write(t.Context(), websocket.MessageBinary, []byte(`{"left":1,"right":1}`)); err != nil {
		t.Fatal(err)
	}
	if text, err := c.receive(t); err != nil || !strings.Contains(text, `"status":415`) {
		t.Errorf("bytes: got %s, %v", text, err)
	}
	if b.board.Actuations() != before {
		t.Error("moved")
	}
	c.send(t, `{"left":10,"right":10}`) // it may still drive
	c.want(t, `{"left":10,"right":10}`)
}

func TestStopsAfterAMessageThatIsTooLong(t *testing.T) {
	t.Parallel()
	b := newBench(t, silentFor(time.Minute))
	c := b.drive(t)
	exact := `{"left":50,"right":50` + strings.Repeat(" ", maxMessage-len(`{"left":50,"right":50}`)) + `}`
	c.send(t, exact)
	c.want(t, `{"left":50,"right":50}`)
	c.send(t, exact+" ")
	c.wantEnd(t, websocket.StatusMessageTooBig)
	b.wantStanding(t)
	b.wantNobodyDriving(t)
}

func TestLetsOneDriveAtATime(t *testing.T) {
	t.Parallel()
	b := newBench(t, silentFor(time.Minute))
	c := b.drive(t)
	c.send(t, `{"left":10,"right":10}`)
	c.want(t, `{"left":10,"right":10}`)
	before := b.board.Actuations()
	b.handshake(t, nil).wantProblem(t, http.StatusConflict)
	if b.board.Actuations() != before {
		t.Error("the second one moved it")
	}
	c.send(t, `{"left":20,"right":20}`)
	c.want(t, `{"left":20,"right":20}`)
}

func TestStopsWhoeverDrives(t *testing.T) {
	t.Parallel()
	b := newBench(t, silentFor(time.Minute))
	for range 2 { // and with nobody driving
		c := b.drive(t)
		c.send(t, `{"left":100,"right":100}`)
		c.want(t, `{"left":100,"right":100}`)
		for range 2 {
			if r := b.ask(t, "POST", "/api/drive/stop", ""); r.status != http.StatusOK || r.body != stopped+"\n" {
				t.Errorf("%d %s", r.status, r.body)
			}
			if b.motors() != standing {
				t.Errorf("the motors are at %v", b.motors())
			}
		}
		_ = c.Write(t.Context(), websocket.MessageText, []byte(`{"left":100,"right":100}`)) // it has not noticed
		c.wantEnd(t, websocket.StatusGoingAway)
		if b.motors() != standing {
			t.Errorf("the motors are at %v", b.motors())
		}
	}
	b.ask(t, "POST", "/api/drive/stop", `{"left":1}`).wantProblem(t, http.StatusUnprocessableEntity)
}
