package botapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"gobot.io/x/gobot/v2"
	"gobot.io/x/gobot/v2/drivers/gpio"
)

// PinRed, PinGreen and PinBlue are the pins of the rose's LED.
const (
	PinRed   = "3"
	PinGreen = "5"
	PinBlue  = "6"
)

// rose is an LED of three colours in a flower. At rest it is dark. It is safe for concurrent use, which the driver in it is
// not.
type rose struct {
	*gpio.RgbLedDriver

	events *events

	mu    sync.Mutex
	awake bool
	shown colour // the last one the board accepted
}

// colour is the rose as clients see it, each part from 0 to 255.
type colour struct {
	Red   int `json:"red"`
	Green int `json:"green"`
	Blue  int `json:"blue"`
}

func newRose(board Board, e *events) *rose {
	return &rose{
		RgbLedDriver: gpio.NewRgbLedDriver(board, PinRed, PinGreen, PinBlue, gpio.WithName("rose")),
		events:       e,
	}
}

// Start wakes the rose, dark.
func (r *rose) Start() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.RgbLedDriver.Start(); err != nil {
		return err
	}
	if err := r.write(colour{}); err != nil {
		return err
	}
	r.awake = true
	return nil
}

// Halt darkens the rose, if it is awake, and lets nobody light it afterwards, whether that worked or not.
func (r *rose) Halt() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	if r.awake {
		r.awake = false
		err = r.write(colour{})
	}
	return errors.Join(err, r.RgbLedDriver.Halt())
}

func (r *rose) show(*http.Request) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shown, nil
}

func (r *rose) light(request *http.Request) (any, error) {
	asked, err := readIntegers(request, parameter{"red", 0, 255}, parameter{"green", 0, 255}, parameter{"blue", 0, 255})
	if err != nil {
		return nil, err
	}
	c := colour{asked["red"], asked["green"], asked["blue"]}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.awake {
		return nil, errAsleep
	}
	if err := r.write(c); err != nil {
		return nil, err
	}
	slog.InfoContext(request.Context(), "rose lit", "red", c.Red, "green", c.Green, "blue", c.Blue)
	return c, nil
}

// write asks for r.mu. If one pin fails the others go back: a colour between two is one that nobody asked for.
func (r *rose) write(c colour) error {
	pins := []struct {
		name     string
		from, to int
	}{{PinRed, r.shown.Red, c.Red}, {PinGreen, r.shown.Green, c.Green}, {PinBlue, r.shown.Blue, c.Blue}}
	for i, pin := range pins {
		err := r.SetLevel(pin.name, byte(pin.to)) //nolint:gosec // 0 to 255
		if err == nil {
			continue
		}
		for _, written := range pins[:i] {
			err = errors.Join(err, r.SetLevel(written.name, byte(written.from))) //nolint:gosec // 0 to 255
		}
		return fmt.Errorf("rose: %w", err)
	}
	if r.shown != c {
		r.shown = c
		r.events.publish("rose", c)
	}
	return nil
}

// Interface guards
var _ gobot.Device = (*rose)(nil)
