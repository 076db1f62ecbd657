package uno_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/botlatch/botlatch/examples/uno"
)

// port is an open serial port, and the words of Firmata that the tests need.
type port struct {
	t    *testing.T
	line net.Conn
}

// dial opens the port.
func dial(t *testing.T, u *uno.Uno) *port {
	t.Helper()
	line, err := new(net.Dialer).DialContext(t.Context(), "tcp", u.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = line.Close() })
	if err := line.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	return &port{t, line}
}

// open opens the port and waits until the board has said who it is.
func open(t *testing.T, u *uno.Uno) *port {
	t.Helper()
	p := dial(t, u)
	says, err := bufio.NewReader(p.line).ReadBytes(0xF7)
	if err != nil || !bytes.HasPrefix(says, []byte{0xF9, 2, 4, 0xF0, 0x79}) {
		t.Fatalf("the board says % x, %v", says, err)
	}
	return p
}

// wantHungUp waits until the board closes the line, to which it must not have said anything.
func (p *port) wantHungUp() {
	p.t.Helper()
	says, err := io.ReadAll(p.line)
	if len(says) != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Errorf("the port was opened twice: % x, %v", says, err)
	}
}

func (p *port) close() { _ = p.line.Close() }

// turn makes pin a servo and turns it to angle.
func (p *port) turn(pin, angle int) { p.write(pin, 4, angle) }

// dim makes pin a PWM pin with a duty.
func (p *port) dim(pin, duty int) { p.write(pin, 3, duty) }

// light makes pin, 8 or above, an output and switches it.
func (p *port) light(pin int, on bool) {
	bits := byte(0)
	if on {
		bits = 1 << (pin - 8)
	}
	p.send(0xF4, byte(pin), 1, 0x91, bits, 0)
}

func (p *port) write(pin int, mode byte, value int) {
	p.t.Helper()
	p.send(0xF4, byte(pin), mode, 0xE0|byte(pin), byte(value&0x7F), byte(value>>7))
}

func (p *port) send(words ...byte) {
	p.t.Helper()
	if _, err := p.line.Write(words); err != nil {
		p.t.Fatal(err)
	}
}
