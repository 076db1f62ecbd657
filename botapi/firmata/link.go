package firmata

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"gobot.io/x/gobot/v2/platforms/firmata/client"
)

// link is an open line to a board, from the first word to the loss of it. It is safe for concurrent use.
type link struct {
	line    io.ReadWriteCloser
	silence time.Duration // how long the board may say nothing
	running sync.WaitGroup

	ready  chan struct{}     // closed when the two below are known
	pins   []pin             // not to be changed after ready
	inputs map[string]*input // by name; likewise the map

	settled chan struct{} // has an element when the board has answered settle

	writing sync.Mutex // above mu
	modes   map[int]byte

	mu    sync.Mutex
	heard time.Time
	err   error         // why it was lost
	lost  chan struct{} // closed once err is set
}

// newLink greets the board on line and listens to it until the line is lost or closed.
func newLink(line io.ReadWriteCloser, silence time.Duration) *link {
	l := &link{
		line: line, silence: silence,
		ready: make(chan struct{}), settled: make(chan struct{}, 1), lost: make(chan struct{}),
		modes: make(map[int]byte), heard: time.Now(),
	}
	l.running.Go(l.listen)
	l.running.Go(l.watch)
	return l
}

// listen takes in what the board says until the line is lost.
func (l *link) listen() {
	for r := bufio.NewReader(l.line); ; {
		m, err := readMessage(r)
		if err != nil {
			l.lose(err)
			return
		}
		l.mu.Lock()
		l.heard = time.Now()
		l.mu.Unlock()
		if l.isReady() {
			l.take(m)
		} else {
			l.greet(m)
		}
	}
}

// watch asks the board again and again for its version, so that one that hangs is told from one that has nothing to say.
// While a board starts it hears nothing: it is also how it is greeted.
func (l *link) watch() {
	ticker := time.NewTicker(l.silence / 5)
	defer ticker.Stop()
	for l.write(client.ProtocolVersion) == nil {
		select {
		case <-l.lost:
			return
		case <-ticker.C:
		}
		l.mu.Lock()
		quiet := time.Since(l.heard)
		l.mu.Unlock()
		if quiet > l.silence && l.isReady() {
			l.lose(fmt.Errorf("it says nothing for %s", l.silence))
		}
	}
}

// greet is the conversation that ends with ready. The board is reset, because it may do what an earlier program told it.
func (l *link) greet(m message) {
	switch m.command {
	case client.ProtocolVersion:
		_ = l.write(client.SystemReset, client.StartSysex, client.CapabilityQuery, client.EndSysex) // lost if it fails
	case client.CapabilityResponse:
		l.pins = pinsOf(m.data)
		_ = l.write(client.StartSysex, client.AnalogMappingQuery, client.EndSysex)
	case client.AnalogMappingResponse:
		if len(l.pins) > 0 {
			l.inputs = inputsOf(m.data, l.pins)
			close(l.ready)
		}
	}
}

// take is the conversation after ready.
func (l *link) take(m message) {
	switch m.command {
	case client.AnalogMessage:
		if in, ok := l.inputs[fmt.Sprint(m.channel)]; ok {
			l.mu.Lock()
			in.take(int(m.data[0])|int(m.data[1])<<7, time.Now())
			l.mu.Unlock()
		}
	case client.PinStateResponse:
		select {
		case l.settled <- struct{}{}:
		default:
		}
	case client.FirmwareQuery: // nobody asked; boards say this when they start
		l.lose(errors.New("it restarted, and has forgotten where its servos are"))
	}
}

func (l *link) isReady() bool {
	select {
	case <-l.ready:
		return true
	default:
		return false
	}
}

// lose closes the line; everything fails with err from then on, or with an earlier one.
func (l *link) lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	if l.err = err; !errors.Is(err, ErrNotConnected) {
		l.err = fmt.Errorf("board lost: %w", err)
		if l.isReady() {
			slog.Error("board lost", "error", err)
		}
	}
	close(l.lost)
	_ = l.line.Close() // there is nothing left to lose
}

// close ends everything and waits for that.
func (l *link) close() {
	l.lose(ErrNotConnected)
	l.running.Wait()
}
