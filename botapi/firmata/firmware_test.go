package firmata

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/botapi"
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
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	u := startUno(ctx, t)
	bot := botapi.New(NewTCP(ctx, u.address))
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
	u.wantAngle(t, botapi.PinDoor, botapi.AngleLocked)
	u.wantAngle(t, botapi.PinLeft, botapi.AngleStopped)
	u.wantAngle(t, botapi.PinRight, botapi.AngleStopped)
	u.wantAngle(t, botapi.PinGrip, 20)
	if got := u.widthsOf(botapi.PinDoor); len(got) != 1 {
		t.Errorf("the door was not locked all the time: %d", got)
	}

	allow("POST", "/api/door/unlock", "")
	u.wantAngle(t, botapi.PinDoor, botapi.AngleUnlocked)
	for _, angle := range []int{0, 180} {
		allow("PUT", "/api/arm/joints/base", fmt.Sprintf(`{"angle":%d}`, angle))
		u.wantAngle(t, botapi.PinBase, angle)
	}
	allow("PUT", "/api/rose", `{"red":255,"green":128,"blue":64}`)
	u.wantDuty(t, botapi.PinRed, 255)
	u.wantDuty(t, botapi.PinGreen, 128)
	u.wantDuty(t, botapi.PinBlue, 64)
	if _, got := ask(t, s, "GET", "/api/thermometer", ""); got != "{\"celsius\":21.5}\n" {
		t.Errorf("the thermometer says %s", got)
	}
	t.Run("refused", func(t *testing.T) { refuses(t, s, u) })
	t.Run("again", func(t *testing.T) { startsAgain(ctx, t, bot, u) })
	t.Run("lost", func(t *testing.T) { fails(t, s, u) })
}

// refuses sends requests that must change nothing on any pin.
func refuses(t *testing.T, s *httptest.Server, u *uno) {
	before := [][]int{u.widthsOf(botapi.PinBase), u.widthsOf(botapi.PinDoor)}
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
	time.Sleep(300 * time.Millisecond) // a servo has a pulse every 20
	after := [][]int{u.widthsOf(botapi.PinBase), u.widthsOf(botapi.PinDoor)}
	if !slices.EqualFunc(before, after, slices.Equal[[]int]) {
		t.Errorf("moved: %d, then %d", before, after)
	}
}

// startsAgain stops the bot, whose servos must be at rest then, and starts it on the board that is in use already.
func startsAgain(ctx context.Context, t *testing.T, bot *botapi.Bot, u *uno) {
	if err := bot.Stop(); err != nil {
		t.Error(err)
	}
	u.wantAngle(t, botapi.PinDoor, botapi.AngleLocked)
	u.wantAngle(t, botapi.PinBase, 90)
	u.wantDuty(t, botapi.PinRed, 0)
	if err := bot.Start(ctx); err != nil {
		t.Fatal(err)
	}
}

// fails takes the board away. Nothing may pretend to have worked then.
func fails(t *testing.T, s *httptest.Server, u *uno) {
	u.kill()
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

// TestLockHasNoAddresses keeps the lock file free of download addresses, so that any registry will do.
func TestLockHasNoAddresses(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("testdata/uno/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) || !strings.Contains(string(lock), `"integrity"`) {
		t.Error("package-lock.json: resolved addresses, or no integrity; npm must read the .npmrc of this folder")
	}
}
