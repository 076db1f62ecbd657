package sim

import (
	"errors"
	"strconv"
	"sync"
	"testing"
)

func connected(t *testing.T) *Board {
	t.Helper()
	b := New()
	if err := b.Connect(); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadsBackWhatWasWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		write func(*Board) error
		read  func(*Board) int
		want  int // -1: the write must fail
	}{
		"ok/servo 0":     {func(b *Board) error { return b.ServoWrite("9", 0) }, func(b *Board) int { return b.Servo("9") }, 0},
		"ok/servo 180":   {func(b *Board) error { return b.ServoWrite("9", 180) }, func(b *Board) int { return b.Servo("9") }, 180},
		"ok/pwm 255":     {func(b *Board) error { return b.PwmWrite("9", 255) }, func(b *Board) int { return b.PWM("9") }, 255},
		"ok/digital 1":   {func(b *Board) error { return b.DigitalWrite("9", 1) }, func(b *Board) int { return b.Digital("9") }, 1},
		"bad/servo 181":  {func(b *Board) error { return b.ServoWrite("9", 181) }, func(b *Board) int { return b.Servo("9") }, -1},
		"bad/digital 2":  {func(b *Board) error { return b.DigitalWrite("9", 2) }, func(b *Board) int { return b.Digital("9") }, -1},
		"ok/not another": {func(b *Board) error { return b.PwmWrite("8", 7) }, func(b *Board) int { return b.PWM("8") }, 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := connected(t)
			err := c.write(b)
			if got := c.read(b); got != c.want || (err == nil) != (c.want >= 0) {
				t.Errorf("read %d, error %v, want %d", got, err, c.want)
			}
			if got, want := b.Actuations(), 1; (got == want) != (c.want >= 0) {
				t.Errorf("%d actuations", got)
			}
			if b.Servo("2") != -1 || b.PWM("2") != -1 || b.Digital("2") != -1 {
				t.Error("a pin nobody wrote has a value")
			}
		})
	}
}

func TestWritesNothingWhenItCannot(t *testing.T) {
	t.Parallel()
	loose := errors.New("loose cable")
	for name, c := range map[string]struct {
		prepare func(*Board)
		want    error
	}{
		"bad/never connected": {func(*Board) {}, ErrNotConnected},
		"bad/finalized":       {func(b *Board) { _ = b.Connect(); _ = b.Finalize() }, ErrNotConnected},
		"bad/failing":         {func(b *Board) { _ = b.Connect(); b.Fail(loose) }, loose},
		"ok/healed":           {func(b *Board) { _ = b.Connect(); b.Fail(loose); b.Fail(nil) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := New()
			c.prepare(b)
			for _, write := range []func(string, byte) error{b.ServoWrite, b.PwmWrite, b.DigitalWrite} {
				if err := write("9", 1); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			}
			if moved := b.Actuations() != 0; moved != (c.want == nil) {
				t.Errorf("%d actuations", b.Actuations())
			}
		})
	}
}

func TestConnects(t *testing.T) {
	t.Parallel()
	loose := errors.New("loose cable")
	b := New()
	b.Fail(loose)
	if err := b.Connect(); !errors.Is(err, loose) || b.Connected() {
		t.Errorf("connected with a fault: %v", err)
	}
	b.Fail(nil)
	if err := b.Connect(); err != nil || !b.Connected() {
		t.Errorf("not connected: %v", err)
	}
	if err := b.Finalize(); err != nil || b.Connected() {
		t.Errorf("still connected: %v", err)
	}
	b.SetName("uno")
	if b.Name() != "uno" {
		t.Errorf("name is %q", b.Name())
	}
}

func TestCountsConcurrentWrites(t *testing.T) {
	t.Parallel()
	b := connected(t)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			pin := strconv.Itoa(i % 4)
			for angle := range byte(50) {
				if err := b.ServoWrite(pin, angle); err != nil {
					t.Error(err)
				}
				_ = b.Servo(pin)
			}
		})
	}
	wg.Wait()
	if got := b.Actuations(); got != 1000 {
		t.Errorf("%d actuations, want 1000", got)
	}
}
