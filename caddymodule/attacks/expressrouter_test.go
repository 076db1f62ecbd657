package attacks_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/botlatch/botlatch/examples/uno"
	"github.com/botlatch/botlatch/examples/uno/npm"
)

// The servos of examples/nodebot: their pins, and the width of the pulses, in microseconds, that turn them to 90 degrees.
const (
	armPin  = 9
	boltPin = 10
	middle  = 1500
)

// expressBot is examples/nodebot on an emulated Uno: an act is a servo that moved.
type expressBot struct {
	*program
	uno   *uno.Uno
	moved map[int]int // by pin, when it was looked at last
}

func startExpressBot(t *testing.T) *expressBot {
	t.Helper()
	board := uno.Start(t) // without Node this skips the test, and in CI fails it
	source := npm.Program{Source: os.DirFS("../../examples/nodebot")}
	command := exec.CommandContext(t.Context(), "node", "bot.js")
	command.Dir = source.Install(t)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "PORT=0", "BOT_BOARD=" + board.Address()}
	command.Stderr = os.Stderr
	b := &expressBot{startProgram(t, command), board, make(map[int]int)}
	b.home(t)
	return b
}

// home turns both servos away from where acts turn them, so that the next act moves one.
func (b *expressBot) home(t *testing.T) {
	t.Helper()
	b.ask(t, "/servo/90")
	b.ask(t, "/door/lock")
	for _, pin := range []int{armPin, boltPin} {
		b.uno.Settled(pin, middle)
		b.uno.Rest(pin)
		b.moved[pin] = b.uno.Moves(pin)
	}
	b.heard(t)
}

// since counts how often the servos have moved.
func (b *expressBot) since(t *testing.T) (acts []string, reached int) {
	t.Helper()
	for pin, before := range b.moved {
		b.uno.Rest(pin)
		for n := range b.uno.Moves(pin) - before {
			acts = append(acts, fmt.Sprintf("the servo on pin %d moved, %d. time", pin, n+1))
		}
	}
	for _, l := range b.heard(t) {
		if l.Request != "" {
			reached++
		}
	}
	b.home(t)
	return acts, reached
}

func TestNoSpellingOfAnActMovesAServoBehindExpress(t *testing.T) {
	t.Parallel()
	bot := startExpressBot(t)
	s := newStage(t, guarded(`
	public GET /healthz
	allow * /servo/* scope drive
	allow GET /door/lock /door/unlock scope drive
	allow GET /led/on /led/off scope drive
`), "ROUTER="+bot.address)
	s.holds(t, bot, []deed{{"GET", "/servo/10"}, {"GET", "/door/unlock"}})
}
