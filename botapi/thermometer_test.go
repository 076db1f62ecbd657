package botapi

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestReadsTheThermometer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  int
		want string // "": it cannot be read
	}{
		"ok/room":        {146, `{"celsius":21.5}`},
		"ok/freezing":    {102, `{"celsius":0}`},
		"ok/frost":       {62, `{"celsius":-19.5}`},
		"ok/coldest":     {21, `{"celsius":-39.5}`},
		"ok/boiling":     {307, `{"celsius":100}`},
		"ok/hottest":     {358, `{"celsius":125}`},
		"bad/cut wire":   {0, ""},
		"bad/too cold":   {20, ""},
		"bad/too hot":    {359, ""},
		"bad/shorted":    {1023, ""},
		"bad/timed out":  {-1, ""}, // as Gobot's adaptors say it
		"bad/overflowed": {1 << 40, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			before := b.board.Actuations()
			b.board.SetAnalog(PinThermometer, c.raw)
			r := b.ask(t, "GET", "/api/thermometer", "")
			if c.want == "" {
				r.wantProblem(t, http.StatusInternalServerError)
			} else if r.status != http.StatusOK || r.body != c.want+"\n" || r.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%d %s, want %s", r.status, r.body, c.want)
			}
			if b.board.Actuations() != before {
				t.Error("moved")
			}
		})
	}
}

func TestTellsThatTheThermometerFailed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.board.Fail(errors.New("bus 7 is on fire"))
	p := b.ask(t, "GET", "/api/thermometer", "").wantProblem(t, http.StatusInternalServerError)
	if strings.Contains(p.Detail, "bus 7") {
		t.Errorf("the board's own words reached the client: %s", p.Detail)
	}
	b.board.Fail(nil)
	if r := b.ask(t, "GET", "/api/thermometer", ""); r.status != http.StatusOK {
		t.Errorf("%d after the board came back", r.status)
	}
	if err := b.bot.Stop(); err != nil {
		t.Fatal(err)
	}
	b.ask(t, "GET", "/api/thermometer", "").wantProblem(t, http.StatusServiceUnavailable)
}

func TestWorksWithoutAThermometer(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(bot *Bot) { bot.interval = 5e6 })
	b.board.SetAnalog(PinThermometer, 0)
	s := b.listen(t)
	s.wantLine(t, ": the thermometer cannot be read")
	if r := b.ask(t, "POST", "/api/door/unlock", ""); r.status != http.StatusOK || b.board.Servo(PinDoor) != AngleUnlocked {
		t.Errorf("%d, the lock is at %d", r.status, b.board.Servo(PinDoor))
	}
}
