package main

import (
	"time"

	"gobot.io/x/gobot/v2"
	"gobot.io/x/gobot/v2/drivers/gpio"
	"gobot.io/x/gobot/v2/platforms/firmata"
	"gobot.io/x/gobot/v2/platforms/firmata/client"

	"github.com/botlatch/botlatch/botapi/sim"
)

// adaptor is a board with a servo and an LED.
type adaptor interface {
	gobot.Adaptor
	gpio.ServoWriter
	gpio.DigitalWriter
}

// patience is how long a real board has to answer when the robot starts. Gobot's own fifteen seconds are short for an
// emulated one on a busy machine.
const patience = time.Minute

// newBoard is the board of that name.
func newBoard(name string) adaptor {
	if name == "sim" {
		return sim.New()
	}
	a := firmata.NewTCPAdaptor(name)
	if c, ok := a.Board.(*client.Client); ok {
		c.ConnectTimeout = patience
	}
	return a
}
