package firmata

import (
	"net"
	"sync"
	"testing"
	"time"

	"gobot.io/x/gobot/v2/platforms/firmata/client"
)

// fake is a board behind a TCP port that answers as a test tells it to.
type fake struct {
	listener net.Listener

	mu   sync.Mutex
	line net.Conn
	said []byte // what it was told, all of it
}

// words are what a board with four pins answers: 0 can nothing, 1 is a servo, 2 does PWM, 3 is the analog input 0.
var words = map[byte][]byte{
	client.ProtocolVersion:    {client.ProtocolVersion, 2, 5},
	client.CapabilityQuery:    {client.StartSysex, client.CapabilityResponse, none, 4, 14, none, 3, 8, none, 2, 10, none, client.EndSysex},
	client.AnalogMappingQuery: {client.StartSysex, client.AnalogMappingResponse, none, none, none, 0, client.EndSysex},
	client.PinStateQuery:      {client.StartSysex, client.PinStateResponse, 0, 0, 0, client.EndSysex},
	client.ReportAnalog:       {client.AnalogMessage, 146 & 0x7F, 146 >> 7},
}

// newFake starts a board. Of each command it hears it sends what answer returns, and hangs up if that is nil.
func newFake(t *testing.T, answer func(command byte) []byte) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{listener: l}
	var done sync.WaitGroup
	done.Go(func() { f.serve(answer) })
	t.Cleanup(func() { _ = l.Close(); f.hangUp(); done.Wait() })
	return f
}

func (f *fake) serve(answer func(command byte) []byte) {
	for {
		line, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.line = line
		f.mu.Unlock()
		for heard := make([]byte, 1); ; {
			if _, err := line.Read(heard); err != nil {
				break
			}
			f.mu.Lock()
			f.said = append(f.said, heard[0])
			f.mu.Unlock()
			if _, known := words[heard[0]]; !known {
				continue
			}
			reply := answer(heard[0])
			if reply == nil {
				break
			}
			_, _ = line.Write(reply)
		}
		_ = line.Close()
	}
}

func (f *fake) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.line != nil {
		_ = f.line.Close()
	}
}

// say sends what nobody asked for.
func (f *fake) say(words ...byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, _ = f.line.Write(words)
}

// heard is how often words were heard so far.
func (f *fake) heard() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]byte(nil), f.said...)
}

// board is a board at address that loses patience soon.
func board(t *testing.T, address string) *Board {
	t.Helper()
	b := NewTCP(t.Context(), address)
	b.answer, b.silence = 2*time.Second, time.Second
	t.Cleanup(func() { _ = b.Finalize() })
	return b
}

// connect connects to a fake that answers well.
func connect(t *testing.T) (*Board, *fake) {
	t.Helper()
	f := newFake(t, func(command byte) []byte { return words[command] })
	b := board(t, f.listener.Addr().String())
	if err := b.Connect(); err != nil {
		t.Fatal(err)
	}
	return b, f
}
