package sim

import "gobot.io/x/gobot/v2/drivers/aio"

// room is what an analog input reads until SetAnalog: 0.71 of 5 volts, a TMP36 in a room of 21.5 degrees Celsius.
const room = 146

// SetAnalog sets what the analog input pin reads: 0 is ground and 1023 the board's supply. Other values are kept as they
// are, for those who want to know what comes of them.
func (b *Board) SetAnalog(pin string, value int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inputs[pin] = value
}

// AnalogRead reads the analog input pin. It fails where a write would.
func (b *Board) AnalogRead(pin string) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch value, ok := b.inputs[pin]; {
	case !b.connected:
		return 0, ErrNotConnected
	case b.fault != nil:
		return 0, b.fault
	case ok:
		return value, nil
	}
	return room, nil
}

// Interface guards
var _ aio.AnalogReader = (*Board)(nil)
