package firmata

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gobot.io/x/gobot/v2/platforms/firmata/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, ofGobot...) }

// ofGobot are goroutines that each Gobot robot keeps for good.
var ofGobot = []goleak.Option{goleak.IgnoreAnyFunction("gobot.io/x/gobot/v2.NewEventer.func1")}

func TestSaysWhatToCheckWhenItCannotConnect(t *testing.T) {
	t.Parallel()
	// answers gives all but one command their answer, and that one another.
	answers := func(to byte, other []byte) string {
		return newFake(t, func(command byte) []byte {
			if command == to {
				return other
			}
			return words[command]
		}).listener.Addr().String()
	}
	silent := []byte{}
	for name, c := range map[string]struct{ address, says string }{
		"nothing listens":           {"127.0.0.1:1", "check the address"},
		"no address":                {"nowhere", "missing port"},
		"never answers":             {answers(client.ProtocolVersion, silent), "did not answer within 2s; check that it runs StandardFirmata"},
		"another protocol":          {answers(client.ProtocolVersion, []byte("HTTP/1.1 400 Bad Request\r\n\r\n")), "did not answer"},
		"no capabilities":           {answers(client.CapabilityQuery, silent), "did not answer"},
		"no pins":                   {answers(client.CapabilityQuery, []byte{client.StartSysex, client.CapabilityResponse, client.EndSysex}), "did not answer"},
		"noise":                     {answers(client.CapabilityQuery, []byte{0xF0, 0x6C, 0xF0, 0xF7, 0xE0, 0xFF, 0x79}), "did not answer"},
		"closes at once":            {answers(client.ProtocolVersion, nil), "board lost: EOF; check that"},
		"closes in the middle":      {answers(client.CapabilityQuery, nil), "board lost"},
		"closes at the last moment": {answers(client.AnalogMappingQuery, nil), "board lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			b := board(t, c.address)
			if err := b.Connect(); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
			if took := time.Since(began); took > 8*time.Second {
				t.Errorf("took %s", took)
			}
			if err := b.ServoWrite("1", 0); !errors.Is(err, ErrNotConnected) {
				t.Errorf("a write got %v", err)
			}
			if err := b.Finalize(); err != nil {
				t.Errorf("letting go of nothing: %v", err)
			}
		})
	}
}

func TestGivesUpWhenToldTo(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(byte) []byte { return []byte{} })
	ctx, cancel := context.WithCancel(t.Context())
	b := NewTCP(ctx, f.listener.Addr().String())
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	if err := b.Connect(); !errors.Is(err, context.Canceled) || time.Since(began) > 5*time.Second {
		t.Errorf("got %v after %s", err, time.Since(began))
	}
}

func TestSaysThatASerialPortIsMissing(t *testing.T) {
	t.Parallel()
	b := NewSerial(t.Context(), t.TempDir()+"/ttyUSB0")
	if err := b.Connect(); err == nil || !strings.Contains(err.Error(), "plugged in") {
		t.Errorf("got %v", err)
	}
}

func TestSpeaksFirmata(t *testing.T) {
	t.Parallel()
	b, f := connect(t)
	if err := b.Connect(); err == nil {
		t.Error("connected twice")
	}
	for range 2 {
		if err := errors.Join(b.ServoWrite("1", 180), b.PwmWrite("2", 255)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := b.AnalogRead("0"); got != 146 || err != nil {
		t.Errorf("read %d, %v", got, err)
	}
	if err := b.Finalize(); err != nil {
		t.Fatal(err)
	}
	said := f.heard()
	for _, c := range []struct {
		words []byte
		times int
	}{
		{[]byte{client.PinMode, 1, client.Servo, 0xE1, 0x34, 1}, 1},
		{[]byte{0xE1, 0x34, 1}, 2},
		{[]byte{client.PinMode, 2, client.Pwm, 0xE2, 0x7F, 1}, 1},
		{[]byte{client.PinMode, 3, client.Analog, client.ReportAnalog, 1}, 1},
	} {
		if got := bytes.Count(said, c.words); got != c.times {
			t.Errorf("% x was said %d times: % x", c.words, got, said)
		}
	}
}

func TestRefusesWhatTheBoardCannotDo(t *testing.T) {
	t.Parallel()
	b, f := connect(t)
	for name, act := range map[string]func() error{
		"no such pin":    func() error { return b.ServoWrite("9", 90) },
		"below":          func() error { return b.ServoWrite("-1", 90) },
		"no number":      func() error { return b.PwmWrite("A0", 90) },
		"no servo":       func() error { return b.ServoWrite("2", 90) },
		"no PWM":         func() error { return b.PwmWrite("1", 90) },
		"too far":        func() error { return b.ServoWrite("1", 181) },
		"no such input":  func() error { _, err := b.AnalogRead("1"); return err },
		"no input at it": func() error { _, err := b.AnalogRead("3"); return err },
	} {
		if err := act(); err == nil {
			t.Errorf("%s: done", name)
		}
	}
	if said := f.heard(); bytes.Contains(said, []byte{client.PinMode}) {
		t.Errorf("the board was told % x", said)
	}
}

func TestFailsWhenTheBoardIsLost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lose func(*fake)
		says string
	}{
		"closed":    {(*fake).hangUp, "board lost"},
		"restarted": {func(f *fake) { f.say(client.StartSysex, client.FirmwareQuery, 2, 5, client.EndSysex) }, "restarted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, f := connect(t)
			if got, err := b.AnalogRead("0"); got != 146 || err != nil {
				t.Fatalf("read %d, %v", got, err)
			}
			c.lose(f)
			wantLost(t, b, c.says)
		})
	}
}

func TestFailsWhenTheBoardHangs(t *testing.T) {
	t.Parallel()
	hangs := make(chan struct{})
	f := newFake(t, func(command byte) []byte {
		select {
		case <-hangs:
			return []byte{}
		default:
			return words[command]
		}
	})
	b := board(t, f.listener.Addr().String())
	if err := b.Connect(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * b.silence) // it has nothing to say, but lives
	if err := b.ServoWrite("1", 1); err != nil {
		t.Fatal(err)
	}
	close(hangs)
	wantLost(t, b, "says nothing for 1s")
}

// wantLost waits until the board is lost, and wants everything to fail then.
func wantLost(t *testing.T, b *Board, says string) {
	t.Helper()
	select {
	case <-b.link.lost:
	case <-time.After(10 * time.Second):
		t.Fatal("not lost")
	}
	_, err := b.AnalogRead("0")
	for _, err := range []error{err, b.ServoWrite("1", 90), b.PwmWrite("2", 0), b.Finalize()} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
}

func TestForgetsOldReadings(t *testing.T) {
	t.Parallel()
	b, f := connect(t)
	if got, err := b.AnalogRead("0"); got != 146 || err != nil {
		t.Fatalf("read %d, %v", got, err)
	}
	time.Sleep(fresh + 100*time.Millisecond)
	if got, err := b.AnalogRead("0"); err == nil {
		t.Errorf("read %d", got)
	}
	f.say(client.AnalogMessage, 1, 0)
	for range 100 {
		if got, err := b.AnalogRead("0"); err == nil {
			if got != 1 {
				t.Errorf("read %d", got)
			}
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("a new reading does not count")
}
