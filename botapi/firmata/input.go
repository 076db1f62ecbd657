package firmata

import (
	"errors"
	"fmt"
	"time"

	"gobot.io/x/gobot/v2/platforms/firmata/client"
)

// fresh is how old a reading may be. Boards send one every 19 milliseconds.
const fresh = 2 * time.Second

// input is an analog input and what the board last said about it. Its fields ask for link.mu, but for the first four, which
// never change.
type input struct {
	pin, bits int
	channel   byte
	first     chan struct{} // closed by the first reading

	asked bool
	value int
	at    time.Time // zero until the first
}

// take remembers a reading.
func (in *input) take(value int, now time.Time) {
	if in.at.IsZero() {
		close(in.first)
	}
	in.value, in.at = value, now
}

// read is what the input called name is at, 10 bits. The first time it asks the board to report it and waits for that.
func (l *link) read(name string) (int, error) {
	in, ok := l.inputs[name]
	if !ok {
		return 0, fmt.Errorf("the board has no analog input %q", name)
	}
	l.mu.Lock()
	first := !in.asked
	in.asked = true
	l.mu.Unlock()
	if first {
		err := l.write(client.PinMode, byte(in.pin), client.Analog, client.ReportAnalog|in.channel, 1) //nolint:gosec // below 128
		if err != nil {
			return 0, err
		}
	}
	select {
	case <-in.first:
	case <-l.lost:
	case <-time.After(fresh):
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.err != nil:
		return 0, l.err
	case time.Since(in.at) > fresh:
		return 0, errors.New("the board does not report its analog input " + name)
	}
	return in.value << 10 >> in.bits, nil
}
