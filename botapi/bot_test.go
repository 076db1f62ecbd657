package botapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/botapi/sim"
)

func TestRestsWhenStartedAndStopped(t *testing.T) {
	t.Parallel()
	b := &bench{board: sim.New()}
	b.bot = New(b.board)
	for range 3 { // a bot can be started again
		if err := b.bot.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := b.positions(); got != atRest {
			t.Errorf("started at %v", got)
		}
		if _, err := b.bot.door.servo.move(AngleUnlocked); err != nil {
			t.Fatal(err)
		}
		if err := b.bot.Stop(); err != nil {
			t.Fatal(err)
		}
		if got := b.positions(); got != atRest || b.board.Connected() {
			t.Errorf("stopped at %v, connected %v", got, b.board.Connected())
		}
	}
	if got := b.board.Actuations(); got != 3*(9+1+9) { // at rest: two motors, four servos, three colours
		t.Errorf("%d actuations", got)
	}
}

func TestStartLeavesNothingBehindWhenItFails(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	loose := errors.New("loose cable")
	for name, c := range map[string]struct {
		ctx   context.Context
		fault error
		want  error
	}{
		"bad/board": {t.Context(), loose, loose},
		"bad/ctx":   {ended, nil, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			board := sim.New()
			bot := New(board)
			board.Fail(c.fault)
			if err := bot.Start(c.ctx); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if board.Connected() || board.Actuations() != 0 {
				t.Errorf("connected %v, %d actuations", board.Connected(), board.Actuations())
			}
			if err := bot.Stop(); err != nil {
				t.Errorf("stopping what does not run: %v", err)
			}
			board.Fail(nil)
			if err := bot.Start(context.WithoutCancel(c.ctx)); err != nil {
				t.Errorf("starting after the failure: %v", err)
			}
			if err := bot.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// stiff is a board on which the grip does not move.
type stiff struct{ *sim.Board }

var errStiff = errors.New("grip is stiff")

func (s stiff) ServoWrite(pin string, angle byte) error {
	if pin == PinGrip {
		return errStiff
	}
	return s.Board.ServoWrite(pin, angle)
}

func TestStartRestsWhatMovedWhenOneServoFails(t *testing.T) {
	t.Parallel()
	board := sim.New()
	bot := New(stiff{board})
	if err := bot.Start(t.Context()); !errors.Is(err, errStiff) {
		t.Errorf("got %v", err)
	}
	if board.Connected() {
		t.Error("the board is still held")
	}
	if _, err := bot.door.servo.move(AngleUnlocked); !errors.Is(err, errAsleep) {
		t.Errorf("a door of a bot that did not start moves: %v", err)
	}
}

func TestStartsOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.board.Actuations()
	if err := b.bot.Start(t.Context()); err == nil {
		t.Error("started twice")
	}
	if b.board.Actuations() != before || !b.board.Connected() {
		t.Error("the second start touched the robot")
	}
}

func TestStopReportsAServoThatDidNotRest(t *testing.T) {
	t.Parallel()
	board, loose := sim.New(), errors.New("loose cable")
	bot := New(board)
	if err := bot.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	board.Fail(loose)
	if err := bot.Stop(); err == nil || !strings.Contains(err.Error(), "loose cable") {
		t.Errorf("got %v", err)
	}
	if board.Connected() || bot.Stop() != nil {
		t.Error("not stopped")
	}
}

func TestMovesNothingUnlessItRuns(t *testing.T) {
	t.Parallel()
	board := sim.New()
	bot := New(board)
	b := &bench{bot: bot, board: board, server: httptest.NewServer(bot.Handler())}
	t.Cleanup(b.server.Close)
	sleeps := func(when string) {
		before := board.Actuations()
		for _, r := range []reply{
			b.ask(t, "POST", "/api/door/unlock", ""),
			b.ask(t, "PUT", "/api/arm/joints/base", `{"angle":10}`),
		} {
			r.wantProblem(t, http.StatusServiceUnavailable)
			if r.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		}
		if board.Actuations() != before {
			t.Errorf("moved %s", when)
		}
		if r := b.ask(t, "GET", "/api/door", ""); r.status != http.StatusOK {
			t.Errorf("GET %s: %d", when, r.status)
		}
	}
	sleeps("before Start")
	if err := bot.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := bot.Stop(); err != nil {
		t.Fatal(err)
	}
	sleeps("after Stop")
}

// slow is a board on which ctx ends before the first servo has turned.
type slow struct {
	*sim.Board
	cancel func()
}

func (s slow) ServoWrite(pin string, angle byte) error {
	s.cancel()
	return s.Board.ServoWrite(pin, angle)
}

func TestStartTakesBackWhatTookTooLong(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	board := sim.New()
	bot := New(slow{board, cancel})
	if err := bot.Start(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := bot.door.servo.move(AngleUnlocked); !errors.Is(err, errAsleep) || board.Connected() {
		t.Errorf("runs: %v, connected %v", err, board.Connected())
	}
}
