package botapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"time"

	"gobot.io/x/gobot/v2"
	"gobot.io/x/gobot/v2/drivers/aio"
)

// PinThermometer is the analog input of the thermometer.
const PinThermometer = "0"

// thermometer is a TMP36 on an input of 10 bits and 5 volts. It is read when somebody asks: the driver's own reading in
// intervals goes through Gobot's events. It is safe for concurrent use.
type thermometer struct {
	*aio.AnalogSensorDriver

	mu    sync.Mutex
	awake bool
}

// reading is the temperature as clients see it.
type reading struct {
	Celsius float64 `json:"celsius"`
}

func newThermometer(board Board) *thermometer {
	return &thermometer{AnalogSensorDriver: aio.NewAnalogSensorDriver(board, PinThermometer, aio.WithName("thermometer"))}
}

// Start wakes the thermometer. One that cannot be read does not keep the door from working.
func (t *thermometer) Start() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.AnalogSensorDriver.Start(); err != nil {
		return err
	}
	_, _ = t.ReadRaw() // Firmata begins to report an input when it is first asked for, and says 0 until then
	t.awake = true
	return nil
}

// Halt lets nobody read it any more.
func (t *thermometer) Halt() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.awake = false
	return t.AnalogSensorDriver.Halt()
}

func (t *thermometer) show(r *http.Request) (any, error) {
	now, err := t.read()
	if err != nil && !errors.Is(err, errAsleep) {
		slog.ErrorContext(r.Context(), "thermometer failed", "error", err)
		return nil, newProblem(http.StatusInternalServerError, "the thermometer cannot be read")
	}
	return now, err
}

// report publishes a reading every interval until ctx ends.
func (t *thermometer) report(ctx context.Context, interval time.Duration, e *events) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if now, err := t.read(); err == nil {
			e.publish("thermometer", now)
		} else {
			e.remark("the thermometer cannot be read")
		}
	}
}

func (t *thermometer) read() (reading, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.awake {
		return reading{}, errAsleep
	}
	raw, err := t.ReadRaw()
	if err != nil {
		return reading{}, fmt.Errorf("thermometer: %w", err)
	}
	return celsius(raw)
}

// celsius is what a level from 0 to 1023 means, to half a degree: that is one step of the input. What a TMP36 does not
// give, from -40 to 125 degrees, a cut wire does.
func celsius(raw int) (reading, error) {
	millivolts := float64(raw) * 5000 / 1024
	degrees := (millivolts - 500) / 10
	if degrees < -40 || degrees > 125 {
		return reading{}, fmt.Errorf("thermometer: no sensor gives %.0f mV", millivolts)
	}
	return reading{math.Round(degrees*2)/2 + 0}, nil // and no minus zero
}

// Interface guards
var _ gobot.Device = (*thermometer)(nil)
