package sim

import (
	"errors"
	"testing"
)

func TestReadsAnalogInputs(t *testing.T) {
	t.Parallel()
	loose := errors.New("loose cable")
	for name, c := range map[string]struct {
		prepare func(*Board)
		value   int
		err     error
	}{
		"ok/never set":        {func(*Board) {}, room, nil},
		"ok/ground":           {func(b *Board) { b.SetAnalog("0", 0) }, 0, nil},
		"ok/supply":           {func(b *Board) { b.SetAnalog("0", 1023) }, 1023, nil},
		"ok/set twice":        {func(b *Board) { b.SetAnalog("0", 5); b.SetAnalog("0", 6) }, 6, nil},
		"ok/another":          {func(b *Board) { b.SetAnalog("1", 5) }, room, nil},
		"ok/no converter":     {func(b *Board) { b.SetAnalog("0", -1) }, -1, nil},
		"ok/healed":           {func(b *Board) { b.Fail(loose); b.Fail(nil) }, room, nil},
		"bad/failing":         {func(b *Board) { b.Fail(loose) }, 0, loose},
		"bad/finalized":       {func(b *Board) { _ = b.Finalize() }, 0, ErrNotConnected},
		"ok/digital is other": {func(b *Board) { _ = b.DigitalWrite("0", 1) }, room, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := connected(t)
			c.prepare(b)
			before := b.Actuations()
			if value, err := b.AnalogRead("0"); value != c.value || !errors.Is(err, c.err) {
				t.Errorf("read %d, %v", value, err)
			}
			if b.Actuations() != before {
				t.Error("reading counts as an actuation")
			}
		})
	}
}
