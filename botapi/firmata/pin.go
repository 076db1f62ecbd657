package firmata

import (
	"fmt"
	"strconv"

	"gobot.io/x/gobot/v2/platforms/firmata/client"
)

// none is what a board says between two pins, and of a pin that is no analog input.
const none = 0x7F

// pin is what one pin of a board can do: the resolution of each mode it has, in bits.
type pin map[byte]int

// pinsOf reads what a board says its pins can do.
func pinsOf(capabilities []byte) []pin {
	var pins []pin
	for p, rest := make(pin), capabilities; len(rest) > 0; {
		switch {
		case rest[0] == none:
			pins = append(pins, p)
			p, rest = make(pin), rest[1:]
		case len(rest) == 1:
			return pins
		default:
			p[rest[0]] = int(rest[1])
			rest = rest[2:]
		}
	}
	return pins
}

// inputsOf reads which pins are the analog inputs 0, 1 and so on.
func inputsOf(mapping []byte, pins []pin) map[string]*input {
	inputs := make(map[string]*input)
	for number, channel := range mapping {
		if channel < 0x10 && number < len(pins) { // others cannot be reported
			inputs[strconv.Itoa(int(channel))] = &input{
				pin: number, channel: channel, bits: pins[number][client.Analog], first: make(chan struct{}),
			}
		}
	}
	return inputs
}

// find returns the number of a pin that has mode, and with how many bits.
func find(pins []pin, name string, mode byte) (number, bits int, err error) {
	number, err = strconv.Atoi(name)
	if err != nil || number < 0 || number >= len(pins) {
		return 0, 0, fmt.Errorf("the board has no pin %q; it has 0 to %d", name, len(pins)-1)
	}
	bits, ok := pins[number][mode]
	if !ok {
		return 0, 0, fmt.Errorf("pin %d of the board cannot be used for %s", number, modes[mode])
	}
	return number, bits, nil
}

// modes are the names of the modes that are used here.
var modes = map[byte]string{client.Servo: "a servo", client.Pwm: "PWM"}
