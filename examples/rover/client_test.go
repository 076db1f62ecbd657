package rover_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// line is what the rover and its clients print: one thing that happened each.
type line struct {
	Ready     bool   `json:"ready"`
	Listening string `json:"listening"` // the rover

	Connection int    `json:"line"` // drive.js: which of its connections, from 1
	Session    string `json:"session"`
	Commands   int    `json:"commands"`
	Left       *int   `json:"left"` // what the motors do
	Closed     int    `json:"closed"`
	Refused    int    `json:"refused"` // status of an answer
	Challenge  string `json:"challenge"`

	Connected    string `json:"connected"` // pilot.js: transport
	Recovered    bool   `json:"recovered"`
	Upgraded     string `json:"upgraded"`
	Disconnected string `json:"disconnected"`
	Code         int    `json:"code"`
	Reason       string `json:"reason"`

	Opened bool `json:"opened"` // watch.js
	Error  *int `json:"error"`
	Over   bool `json:"over"`
}

// client is a program of this folder, running.
type client struct {
	s       *stage
	name    string
	orders  io.WriteCloser
	printed chan line
}

// start runs a program until the end of the test, and waits until it takes orders.
func (s *stage) start(name string, args ...string) *client {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), "node", append([]string{name}, args...)...)
	command.Dir, command.Env = s.dir, []string{"PATH=" + os.Getenv("PATH"), "PORT=0"}
	command.Stderr, command.WaitDelay = os.Stderr, time.Second
	c := &client{s: s, name: name, printed: make(chan line, 1<<14)}
	orders, err := command.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	c.orders = orders
	out, err := command.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.read(out)
		_ = command.Wait() // killed by the end of the test's context
	}()
	s.t.Cleanup(func() { <-ended })
	if name != "rover.js" {
		c.next("Ready")
	}
	return c
}

// read hands over what the program prints; it must not print a token.
func (c *client) read(out io.Reader) {
	defer close(c.printed)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil || latchtest.ShowsToken(lines.Text()) {
			c.s.t.Errorf("%s printed what it should not, %d bytes: %v", c.name, len(lines.Bytes()), err)
		}
		c.printed <- l
	}
}

// opens gives it a token to open a connection with.
func (c *client) opens(token string) {
	c.s.t.Helper()
	c.order(fmt.Sprintf(`{"token":%q}`, token))
}

// drives orders both motors to one speed, and waits until the rover has answered.
func (c *client) drives(speed int) line {
	c.s.t.Helper()
	c.order(fmt.Sprintf(`{"left":%d,"right":%d}`, speed, speed))
	l := c.next("Left")
	if *l.Left != speed {
		c.s.t.Errorf("%s: the rover is at %d, want %d", c.name, *l.Left, speed)
	}
	return l
}

func (c *client) order(text string) {
	c.s.t.Helper()
	if _, err := io.WriteString(c.orders, text+"\n"); err != nil {
		c.s.t.Fatal(err)
	}
}

// next waits for the next line that has a field, and skips those that have not.
func (c *client) next(field string) line {
	c.s.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case l, ok := <-c.printed:
			if !ok {
				c.s.t.Fatalf("%s ended before it told %s", c.name, field)
			}
			if !reflect.ValueOf(l).FieldByName(field).IsZero() {
				return l
			}
		case <-limit:
			c.s.t.Fatalf("%s has not told %s in %s", c.name, field, patience)
		}
	}
}
