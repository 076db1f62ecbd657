package uno_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/examples/uno"
)

func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }

// Pins of the board.
const (
	dimmer = 3
	servo  = 9
	led    = 13
)

func TestTellsWhatIsOnThePins(t *testing.T) {
	t.Parallel()
	u := uno.Start(t)
	p := open(t, u)
	if u.Width(servo) != 0 || u.Moves(servo) != 0 {
		t.Errorf("nothing was told to the servo: %d µs, %d moves", u.Width(servo), u.Moves(servo))
	}
	for moves, angle := range []int{90, 91, 90, 0, 180} { // a degree counts
		p.turn(servo, angle)
		u.Settled(servo, uno.WidthAt(angle))
		u.Rest(servo) // the width of a degree less may have been near enough
		if got := u.Moves(servo); got != moves+1 {
			t.Errorf("%d moves, want %d", got, moves+1)
		}
	}
	p.turn(servo, 180)
	p.dim(dimmer, 64)
	u.Dimmed(dimmer, 64)
	p.dim(dimmer, 255) // no longer a signal, but a level
	u.Dimmed(dimmer, 255)
	p.light(led, true)
	u.Lit(led, true)
	p.light(led, false)
	u.Lit(led, false)
	u.Rest(servo)
	if got := u.Moves(servo); got != 5 {
		t.Errorf("%d moves, but it was told to stay", got)
	}
	for _, pin := range []int{2, 10, dimmer, led} {
		if u.Width(pin) != 0 || u.Moves(pin) != 0 {
			t.Errorf("pin %d: %d µs, %d moves", pin, u.Width(pin), u.Moves(pin))
		}
	}
}

// TestStartsAgainForWhoeverOpensThePort is what a real board does, and what programs that connect again count on.
func TestStartsAgainForWhoeverOpensThePort(t *testing.T) {
	t.Parallel()
	u := uno.Start(t)
	first := open(t, u)
	first.turn(servo, 30)
	u.Settled(servo, uno.WidthAt(30))
	second := dial(t, u)
	second.wantHungUp()
	u.Rest(servo) // the first is not disturbed
	first.close()
	u.Rest(servo) // nor does the servo stop when it leaves

	third := open(t, u)
	if got := u.Mode(servo); got == "servo" {
		t.Error("the board went on with its servos, as if it had not been reset")
	}
	if u.Moves(servo) != 1 || u.Width(servo) == 0 {
		t.Errorf("a reset moved the servo: %d moves, %d µs", u.Moves(servo), u.Width(servo))
	}
	third.turn(servo, 30)
	u.Rest(servo)
	if got := u.Moves(servo); got != 1 {
		t.Errorf("%d moves, but it stood there already", got)
	}
	third.turn(servo, 31)
	u.Settled(servo, uno.WidthAt(31))
	u.Rest(servo) // 30 may have been near enough
	if got := u.Moves(servo); got != 2 {
		t.Errorf("%d moves, want 2", got)
	}
}

func TestReadingsDoNothingElse(t *testing.T) {
	t.Parallel()
	u := uno.Start(t)
	for request, want := range map[string]int{
		"GET /pins": 200, "HEAD /pins": 200, "GET /pins/9": 200, "GET /pins/13?high=true": 200,
		"GET /": 404, "GET /pins/": 404, "GET /pins/1": 404, "GET /pins/14": 404, "GET /pins/9/": 404, "GET /PINS/9": 404,
		"POST /pins/9": 405, "PUT /pins/9": 405, "DELETE /pins": 405, "OPTIONS /pins": 405,
	} {
		method, path, _ := strings.Cut(request, " ")
		status, body := ask(t, method, u.URL()+path, "")
		if status != want {
			t.Errorf("%s: %d %s, want %d", request, status, body, want)
		}
		if all := strings.Count(body, `"mode":"`); request == "GET /pins" && all != 12 {
			t.Errorf("%d pins: %s", all, body)
		}
	}
}

// TestLockHasNoAddresses keeps the lock file free of download addresses, so that any registry will do.
func TestLockHasNoAddresses(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) || !strings.Contains(string(lock), `"integrity"`) {
		t.Error("package-lock.json: resolved addresses, or no integrity; npm must read the .npmrc of this folder")
	}
}

// ask sends a request with a token, or none, and returns the status and the body.
func ask(t *testing.T, method, url, token string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var body strings.Builder
	if err := response.Write(&body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body.String()
}
