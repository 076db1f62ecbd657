// Package firmata is a board that runs StandardFirmata, on a serial port or behind a TCP port, as a Gobot adaptor for servos,
// PWM and analog inputs.
//
// It speaks the protocol itself, in the words of Gobot's client. That client reads with two goroutines for a while, ends the
// process when a line breaks at the wrong moment or carries noise, and reads a lost line for good; nothing of that can be
// caught from outside. Gobot's own adaptor brings Bluetooth with it.
package firmata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"gobot.io/x/gobot/v2"
	"gobot.io/x/gobot/v2/drivers/aio"
	"gobot.io/x/gobot/v2/drivers/gpio"
	"gobot.io/x/gobot/v2/platforms/firmata/client"
)

// ErrNotConnected is what everything meets before Connect and after Finalize.
var ErrNotConnected = errors.New("board not connected")

// Board is one board. Use NewTCP or NewSerial. It is safe for concurrent use.
//
// A board that is lost, because its line breaks, it restarts or says nothing for five seconds, stays lost until Finalize and
// Connect: whoever connects again brings its servos to rest first.
type Board struct {
	address string
	ctx     context.Context // of Connect, which Gobot gives none
	open    func(ctx context.Context, address string) (io.ReadWriteCloser, error)

	answer  time.Duration // how long the board may take until it can be used
	silence time.Duration // how long it may say nothing afterwards

	mu   sync.Mutex
	name string
	link *link // nil unless connected
}

// NewTCP returns a board behind the TCP port address, host:port. It opens nothing yet; Connect gives up when ctx ends.
func NewTCP(ctx context.Context, address string) *Board { return newBoard(ctx, address, openTCP) }

// NewSerial returns a board on the serial port path, at 57600 baud. It opens nothing yet; Connect gives up when ctx ends.
func NewSerial(ctx context.Context, path string) *Board { return newBoard(ctx, path, openSerial) }

func newBoard(ctx context.Context, address string,
	open func(context.Context, string) (io.ReadWriteCloser, error),
) *Board {
	return &Board{
		name: "firmata", address: address, ctx: ctx, open: open,
		answer: 10 * time.Second, silence: 5 * time.Second,
	}
}

// Name is the label Gobot shows for the board.
func (b *Board) Name() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.name
}

// SetName changes the label.
func (b *Board) SetName(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.name = name
}

// Connect opens the line, resets the board and asks what its pins can do. It fails if that takes ten seconds.
func (b *Board) Connect() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.link != nil {
		return errors.New("board connected already")
	}
	ctx, cancel := context.WithTimeout(b.ctx, b.answer)
	defer cancel()
	line, err := b.open(ctx, b.address)
	if err != nil {
		return err
	}
	l := newLink(line, b.silence)
	select {
	case <-l.ready:
		b.link = l
		return nil
	case <-l.lost:
		err = fmt.Errorf("%w; check that %s is a board that runs StandardFirmata", l.err, b.address)
	case <-ctx.Done():
		err = fmt.Errorf("the board at %s did not answer within %s; check that it runs StandardFirmata, at %d baud, and that "+
			"no other program talks to it", b.address, b.answer, speed)
		if b.ctx.Err() != nil {
			err = b.ctx.Err()
		}
	}
	l.close()
	return err
}

// Finalize waits until the board has heard everything, half a second at most, and closes the line.
func (b *Board) Finalize() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.link == nil {
		return nil
	}
	err := b.link.settle(500 * time.Millisecond)
	b.link.close()
	b.link = nil
	return err
}

// ServoWrite turns the servo on pin to angle, 0 to 180 degrees. A larger angle is an error and moves nothing.
func (b *Board) ServoWrite(pin string, angle byte) error {
	if angle > 180 {
		return fmt.Errorf("servo pin %s: %d is above 180", pin, angle)
	}
	return b.set(pin, client.Servo, func(int) int { return int(angle) })
}

// PwmWrite sets the duty of pin, 0 (off) to 255 (always on).
func (b *Board) PwmWrite(pin string, duty byte) error {
	return b.set(pin, client.Pwm, func(bits int) int { return int(duty) * (1<<bits - 1) / 255 })
}

// AnalogRead reads the analog input pin, "0" for A0: 0 is ground and 1023 the board's supply. It fails rather than to return
// what was read long ago.
func (b *Board) AnalogRead(pin string) (int, error) {
	l, err := b.connected()
	if err != nil {
		return 0, err
	}
	return l.read(pin)
}

func (b *Board) set(pin string, mode byte, scale func(bits int) int) error {
	l, err := b.connected()
	if err != nil {
		return err
	}
	return l.set(pin, mode, scale)
}

func (b *Board) connected() (*link, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.link == nil {
		return nil, ErrNotConnected
	}
	return b.link, nil
}

// Interface guards
var (
	_ gobot.Adaptor    = (*Board)(nil)
	_ gpio.ServoWriter = (*Board)(nil)
	_ gpio.PwmWriter   = (*Board)(nil)
	_ aio.AnalogReader = (*Board)(nil)
)
