package firmata

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/examples/uno"
)

// ask sends one request and returns the status and the body.
func ask(t *testing.T, s *httptest.Server, method, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(read)
}

// TestMovesARealFirmware runs the bot on StandardFirmata and looks at the pins.
func TestMovesARealFirmware(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // the board may be slow
	defer cancel()
	u := uno.Start(t)
	bot := botapi.New(NewTCP(ctx, u.Address()))
	if err := bot.Start(ctx); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(bot.Handler())
	t.Cleanup(s.Close)
	t.Cleanup(func() { _ = bot.Stop() }) // the board is lost then
	allow := func(method, path, body string) {
		t.Helper()
		if status, got := ask(t, s, method, path, body); status != http.StatusOK {
			t.Errorf("%s %s: %d %s", method, path, status, got)
		}
	}
	wantAngle(u, botapi.PinDoor, botapi.AngleLocked)
	wantAngle(u, botapi.PinLeft, botapi.AngleStopped)
	wantAngle(u, botapi.PinRight, botapi.AngleStopped)
	wantAngle(u, botapi.PinGrip, 20)
	if moves := u.Moves(number(botapi.PinDoor)); moves != 1 {
		t.Errorf("the door was not locked all the time: it moved %d times", moves)
	}

	allow("POST", "/api/door/unlock", "")
	wantAngle(u, botapi.PinDoor, botapi.AngleUnlocked)
	for _, angle := range []int{0, 180} {
		allow("PUT", "/api/arm/joints/base", fmt.Sprintf(`{"angle":%d}`, angle))
		wantAngle(u, botapi.PinBase, angle)
	}
	allow("PUT", "/api/rose", `{"red":255,"green":128,"blue":64}`)
	u.Dimmed(number(botapi.PinRed), 255)
	u.Dimmed(number(botapi.PinGreen), 128)
	u.Dimmed(number(botapi.PinBlue), 64)
	wantCelsius(t, s)
	t.Run("refused", func(t *testing.T) { refuses(t, s, u) })
	t.Run("again", func(t *testing.T) { startsAgain(ctx, t, bot, u) })
	t.Run("lost", func(t *testing.T) { fails(t, s, u) })
}

// wantCelsius waits for the thermometer. On a machine so busy that its board stands still, a reading may be too old at first.
func wantCelsius(t *testing.T, s *httptest.Server) {
	var got string
	for range 20 {
		if _, got = ask(t, s, "GET", "/api/thermometer", ""); got == "{\"celsius\":21.5}\n" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("the thermometer says %s", got)
}

// refuses sends requests that must change nothing on any pin.
func refuses(t *testing.T, s *httptest.Server, u *uno.Uno) {
	base, door := number(botapi.PinBase), number(botapi.PinDoor)
	before := [2]int{u.Moves(base), u.Moves(door)}
	for _, c := range []struct{ method, path, body string }{
		{"PUT", "/api/arm/joints/base", `{"angle":181}`},
		{"PUT", "/api/arm/joints/base", `{"angle":-1}`},
		{"PUT", "/api/arm/joints/base", `{"angle":"0"}`},
		{"PUT", "/api/arm/joints/base", `{"angle":0`},
		{"GET", "/api/door/lock", ""},
		{"POST", "/api/door/lock", `{"now":true}`},
	} {
		if status, got := ask(t, s, c.method, c.path, c.body); status < 400 || status > 499 {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, status, got)
		}
	}
	u.Rest(base)
	if after := [2]int{u.Moves(base), u.Moves(door)}; before != after {
		t.Errorf("base and door have moved: %d times, then %d", before, after)
	}
}

// startsAgain stops the bot, whose servos must be at rest then, and starts it on the board that is in use already.
func startsAgain(ctx context.Context, t *testing.T, bot *botapi.Bot, u *uno.Uno) {
	if err := bot.Stop(); err != nil {
		t.Error(err)
	}
	wantAngle(u, botapi.PinDoor, botapi.AngleLocked)
	wantAngle(u, botapi.PinBase, 90)
	u.Dimmed(number(botapi.PinRed), 0)
	if err := bot.Start(ctx); err != nil {
		t.Fatal(err)
	}
}

// fails takes the board away. Nothing may pretend to have worked then.
func fails(t *testing.T, s *httptest.Server, u *uno.Uno) {
	u.PowerOff()
	for _, c := range []struct{ method, path, body string }{
		{"GET", "/api/thermometer", ""},
		{"POST", "/api/door/unlock", ""},
		{"PUT", "/api/arm/joints/base", `{"angle":0}`},
		{"PUT", "/api/rose", `{"red":1,"green":2,"blue":3}`},
		{"POST", "/api/drive/stop", ""},
	} {
		status, got := ask(t, s, c.method, c.path, c.body)
		for range 100 { // until the line is seen to be closed
			if status != http.StatusOK {
				break
			}
			time.Sleep(20 * time.Millisecond)
			status, got = ask(t, s, c.method, c.path, c.body)
		}
		if status != http.StatusInternalServerError {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, got)
		}
	}
	if status, got := ask(t, s, "GET", "/api/door", ""); !strings.Contains(got, `"locked":true`) {
		t.Errorf("the door says %d %s", status, got)
	}
}

// number is that of a pin of the bot.
func number(pin string) int {
	n, err := strconv.Atoi(pin)
	if err != nil {
		panic(err)
	}
	return n
}

// wantAngle waits until the pulses on pin are those of a servo at angle.
func wantAngle(u *uno.Uno, pin string, angle int) { u.Settled(number(pin), uno.WidthAt(angle)) }
