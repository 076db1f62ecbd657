package botapi

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/botapi/sim"
)

func (b *bench) colours() [3]int {
	return [3]int{b.board.PWM(PinRed), b.board.PWM(PinGreen), b.board.PWM(PinBlue)}
}

func TestLightsTheRose(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want [3]int
		json string
	}{
		"ok/dark":      {`{"red":0,"green":0,"blue":0}`, [3]int{}, `{"red":0,"green":0,"blue":0}`},
		"ok/white":     {`{"red":255,"green":255,"blue":255}`, [3]int{255, 255, 255}, `{"red":255,"green":255,"blue":255}`},
		"ok/any order": {`{"blue":3,"red":1,"green":2}`, [3]int{1, 2, 3}, `{"red":1,"green":2,"blue":3}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if got := b.colours(); got != [3]int{} {
				t.Errorf("started at %v", got)
			}
			before := b.board.Actuations()
			r := b.ask(t, "PUT", "/api/rose", c.body)
			if r.status != http.StatusOK || r.body != c.json+"\n" {
				t.Errorf("%d %s", r.status, r.body)
			}
			if got := b.colours(); got != c.want || b.board.Actuations()-before != 3 || b.positions() != atRest {
				t.Errorf("shows %v, want %v; %d writes", got, c.want, b.board.Actuations()-before)
			}
			if get := b.ask(t, "GET", "/api/rose", ""); get.body != r.body {
				t.Errorf("GET shows %s", get.body)
			}
		})
	}
}

func TestRefusesAColourAndLightsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.board.Actuations()
	for name, c := range map[string]struct {
		body     string
		status   int
		pointers string
	}{
		"bad/no body":        {``, 400, ""},
		"bad/missing":        {`{"red":1,"green":2}`, 422, "#/blue"},
		"bad/all missing":    {`{}`, 422, "#/red #/green #/blue"},
		"bad/above":          {`{"red":256,"green":0,"blue":0}`, 422, "#/red"},
		"bad/below":          {`{"red":0,"green":-1,"blue":0}`, 422, "#/green"},
		"bad/wraps":          {`{"red":0,"green":0,"blue":511}`, 422, "#/blue"},
		"bad/hex":            {`{"red":"ff","green":0,"blue":0}`, 422, "#/red"},
		"bad/repeated":       {`{"red":1,"red":1,"green":0,"blue":0}`, 422, "#/red"},
		"bad/unknown":        {`{"red":1,"green":0,"blue":0,"alpha":1}`, 422, "#/alpha"},
		"bad/not an object":  {`[1,2,3]`, 422, ""},
		"bad/not exactly it": {`{"red":1,"green":0,"blue":0}{}`, 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var pointers []string
			for _, e := range b.ask(t, "PUT", "/api/rose", c.body).wantProblem(t, c.status).Errors {
				pointers = append(pointers, e.Pointer)
			}
			if got := strings.Join(pointers, " "); got != c.pointers {
				t.Errorf("names %q, want %q", got, c.pointers)
			}
		})
	}
	if b.board.Actuations() != before || b.colours() != [3]int{} {
		t.Errorf("shows %v", b.colours())
	}
}

// dull is a board on which one colour cannot be changed once it is set to 7.
type dull struct{ *sim.Board }

var errDull = errors.New("the pin is dull")

func (d dull) PwmWrite(pin string, duty byte) error {
	if duty == 7 {
		return errDull
	}
	return d.Board.PwmWrite(pin, duty)
}

func TestGoesBackToTheColourBeforeWhenAPinFails(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"bad/red":   `{"red":7,"green":9,"blue":9}`,
		"bad/green": `{"red":9,"green":7,"blue":9}`,
		"bad/blue":  `{"red":9,"green":9,"blue":7}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			board := sim.New()
			b := newBenchOn(t, dull{board}, board)
			shown := b.ask(t, "PUT", "/api/rose", `{"red":1,"green":2,"blue":3}`).body
			p := b.ask(t, "PUT", "/api/rose", body).wantProblem(t, http.StatusInternalServerError)
			if strings.Contains(p.Detail, "dull") {
				t.Errorf("the board's own words reached the client: %s", p.Detail)
			}
			if got := b.colours(); got != [3]int{1, 2, 3} || b.ask(t, "GET", "/api/rose", "").body != shown {
				t.Errorf("shows %v", got)
			}
		})
	}
}

func TestDarkensTheRoseAndKeepsItDark(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ask(t, "PUT", "/api/rose", `{"red":1,"green":2,"blue":3}`)
	if err := b.bot.Stop(); err != nil {
		t.Fatal(err)
	}
	b.ask(t, "PUT", "/api/rose", `{"red":1,"green":2,"blue":3}`).wantProblem(t, http.StatusServiceUnavailable)
	if b.colours() != [3]int{} {
		t.Errorf("shows %v", b.colours())
	}
}
