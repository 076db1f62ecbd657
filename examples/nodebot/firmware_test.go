package nodebot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/examples/uno"
)

// TestMovesARealFirmware has johnny-five drive StandardFirmata, and looks at the pins: what is refused moves no servo.
func TestMovesARealFirmware(t *testing.T) {
	t.Parallel()
	u := uno.Start(t)
	s := newStage(t, u.Address())
	u.Settled(arm, 1500)
	u.Settled(bolt, 1500)

	s.moves(t, u, "secret", "GET /servo/10", arm, 700)
	s.moves(t, u, "key", "GET /servo/180", arm, 2400)
	s.moves(t, u, "secret", "HEAD /servo/20", arm, 800) // Express acts on HEAD as on GET
	s.moves(t, u, "key", "GET /door/unlock", bolt, 600)
	s.allow(t, "secret", "GET /led/on", nil)
	u.Lit(led, true)

	before := [2]int{u.Moves(arm), u.Moves(bolt)}
	s.denies(t)
	u.Rest(arm)
	u.Rest(bolt)
	if after := [2]int{u.Moves(arm), u.Moves(bolt)}; after != before {
		t.Errorf("refused, but arm and bolt have moved: %d times, then %d", before, after)
	}

	s.moves(t, u, "key", "GET /servo/45", arm, 1050) // the board is not dead
	s.moves(t, u, "secret", "GET /door/lock", bolt, 1500)

	// Without the latch the same requests act.
	for _, c := range spellings {
		method, path, _ := strings.Cut(c.request, " ")
		if status := s.bot.ask(t, method, path); status != 200 {
			t.Errorf("%s: status %d", c.request, status)
		}
		u.Settled(arm, c.width)
	}
}

// moves asserts that a request moves one servo, once, to a width of pulses in microseconds.
func (s *stage) moves(t *testing.T, u *uno.Uno, site, request string, pin, width int) {
	t.Helper()
	other := arm + bolt - pin
	before, others := u.Moves(pin), u.Moves(other)
	s.allow(t, site, request, nil)
	u.Settled(pin, width)
	u.Rest(pin)
	if after := u.Moves(pin); after != before+1 {
		t.Errorf("%s: the servo moved %d times", request, after-before)
	}
	if u.Moves(other) != others {
		t.Errorf("%s: the other servo moved too", request)
	}
}

// TestEndsWhenTheBoardIsLost keeps the bot from answering for servos that do not move. Started again, it goes on.
func TestEndsWhenTheBoardIsLost(t *testing.T) {
	t.Parallel()
	u := uno.Start(t)
	dir := program.Install(t)
	first := startBot(t, dir, u.Address())
	first.ask(t, "GET", "/servo/10")
	u.Settled(arm, 700)
	if err := first.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-first.ended

	second := startBot(t, dir, u.Address())
	second.ask(t, "GET", "/servo/170")
	u.Settled(arm, 2300)
	u.PowerOff()
	select {
	case <-second.ended:
	case <-time.After(patience):
		t.Fatal("the bot goes on without a board")
	}
	if code := second.command.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
}
