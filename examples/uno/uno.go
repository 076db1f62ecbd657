// Package uno runs an Arduino Uno for tests: StandardFirmata on an emulated ATmega328P. What a test sees is what is on the
// pins, so a servo that was not moved is a servo whose pulses have not changed.
package uno

import (
	"bufio"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/examples/uno/npm"
)

//go:embed *.js package.json package-lock.json .npmrc
var source embed.FS

var program = npm.Program{Source: source}

// patience bounds each wait for the board. It is long because a busy machine runs the board slowly.
const patience = 60 * time.Second

// Uno is one board.
type Uno struct {
	t        testing.TB
	serial   string
	http     string
	client   *http.Client
	powerOff func()
}

// Start powers a board on. It goes off with the test. On a machine without Node and npm the test is skipped, but in CI it
// fails.
func Start(t testing.TB) *Uno {
	t.Helper()
	dir := program.Install(t)
	command := exec.CommandContext(t.Context(), "node", "uno.js",
		"--serial", "127.0.0.1:0", "--http", "127.0.0.1:0", "--end-with-stdin")
	command.Dir, command.Stderr, command.WaitDelay = dir, os.Stderr, time.Second
	if _, err := command.StdinPipe(); err != nil { // it ends when this process does
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	first, ended := make(chan []byte, 1), make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			select {
			case first <- append([]byte(nil), lines.Bytes()...):
			default: // changes on the pins
			}
		}
	}()
	u := &Uno{t: t, client: &http.Client{Timeout: patience, Transport: new(http.Transport)}}
	u.powerOff = sync.OnceFunc(func() {
		_ = command.Process.Kill()
		<-ended
		_ = command.Wait()
		u.client.CloseIdleConnections()
	})
	t.Cleanup(u.powerOff)
	select {
	case line := <-first:
		var where struct{ Serial, HTTP string }
		if err := json.Unmarshal(line, &where); err != nil || where.Serial == "" || where.HTTP == "" {
			t.Fatalf("the emulator says %q: %v", line, err)
		}
		u.serial, u.http = where.Serial, where.HTTP
	case <-ended:
		t.Fatal("the emulator ended")
	case <-time.After(patience):
		t.Fatalf("the emulator does not listen after %s", patience)
	}
	return u
}

// Address is the serial port, host:port. One program at a time can open it, and that resets the board.
func (u *Uno) Address() string { return u.serial }

// URL is where the readings are, http://host:port.
func (u *Uno) URL() string { return u.http }

// PowerOff ends the board at once, as a cable that is pulled out does.
func (u *Uno) PowerOff() { u.powerOff() }

// Mode is what pin is at this moment: input, output, servo (an output on which there were servo pulses in the last twentieth
// of a second) or pwm.
func (u *Uno) Mode(pin int) string { u.t.Helper(); return u.read(pin).Mode }

// Width is how long the last servo pulse on pin was, in microseconds; 0: there was none yet.
func (u *Uno) Width(pin int) int { u.t.Helper(); return u.read(pin).Width }

// Moves is how often the width of the servo pulses on pin has changed since the board was powered on, by more than what
// interrupts do to it. The first pulse counts.
func (u *Uno) Moves(pin int) int { u.t.Helper(); return u.read(pin).Moves }

// High tells whether pin is an output at 5 V at this moment.
func (u *Uno) High(pin int) bool { u.t.Helper(); return u.read(pin).High }

// Duty is the share of time for which a PWM pin is high, 0 to 255.
func (u *Uno) Duty(pin int) int { u.t.Helper(); return u.read(pin).Duty }

// reading is what the emulator tells about a pin.
type reading struct {
	Mode                       string
	High                       bool
	Width, Moves, Pulses, Duty int
}

func (u *Uno) read(pin int) reading {
	u.t.Helper()
	request, err := http.NewRequestWithContext(u.t.Context(), http.MethodGet, fmt.Sprintf("%s/pins/%d", u.http, pin), nil)
	if err != nil {
		u.t.Fatal(err)
	}
	response, err := u.client.Do(request)
	if err != nil {
		u.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var r reading
	if err := json.NewDecoder(response.Body).Decode(&r); err != nil || response.StatusCode != http.StatusOK {
		u.t.Fatalf("pin %d: status %d, %v", pin, response.StatusCode, err)
	}
	return r
}
