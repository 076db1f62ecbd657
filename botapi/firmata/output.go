package firmata

import (
	"errors"
	"time"

	"gobot.io/x/gobot/v2/platforms/firmata/client"
)

// extendedAnalog is the sysex that sets pins above 15.
const extendedAnalog = 0x6F

// set gives the pin called name mode, unless it has it, and the value that scale makes of its resolution.
func (l *link) set(name string, mode byte, scale func(bits int) int) error {
	number, bits, err := find(l.pins, name, mode)
	if err != nil {
		return err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	p, value := byte(number), scale(bits) //nolint:gosec // boards have fewer than 128 pins
	low, high := byte(value&0x7F), byte((value>>7)&0x7F)
	var words []byte
	if now, ok := l.modes[number]; !ok || now != mode {
		// In one piece with the value: until that comes a servo turns to 90 degrees, and a door is open there.
		words = append(words, client.PinMode, p, mode)
	}
	if number < 0x10 {
		words = append(words, client.AnalogMessage|p, low, high)
	} else {
		words = append(words, client.StartSysex, extendedAnalog, p, low, high, client.EndSysex)
	}
	if err := l.send(words); err != nil {
		return err
	}
	l.modes[number] = mode
	return nil
}

// settle waits until the board has done everything that it was told, for as long as limit.
func (l *link) settle(limit time.Duration) error {
	if err := l.write(client.StartSysex, client.PinStateQuery, 0, client.EndSysex); err != nil {
		return err
	}
	select {
	case <-l.settled:
		return nil
	case <-l.lost:
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.err
	case <-time.After(limit):
		return errors.New("the board may not have heard the last words")
	}
}

func (l *link) write(words ...byte) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	return l.send(words)
}

// send asks for l.writing. A line that does not take the words is lost.
func (l *link) send(words []byte) error {
	l.mu.Lock()
	err := l.err
	l.mu.Unlock()
	if err != nil {
		return err
	}
	if d, ok := l.line.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = d.SetWriteDeadline(time.Now().Add(time.Second)) // the write says what is wrong
	}
	if _, err := l.line.Write(words); err != nil {
		l.lose(err)
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.err
	}
	return nil
}
