package firmata

import (
	"bufio"

	"gobot.io/x/gobot/v2/platforms/firmata/client"
)

// longest is how many bytes one sysex may have. Boards with a hundred pins say 2,000 about them.
const longest = 8 << 10

// message is what a board says. The bytes of data have seven bits.
type message struct {
	command byte // of a sysex the number of it, which is below 0x80; all others are above
	channel byte // of an analog reading
	data    []byte
}

// readMessage reads the next message that means something here. What does not, and what a bad line tore, is left out.
func readMessage(r *bufio.Reader) (message, error) {
	for {
		first, err := r.ReadByte()
		if err != nil {
			return message{}, err
		}
		m := message{command: first}
		switch {
		case first == client.StartSysex, first == client.ProtocolVersion:
		case first&0xF0 == client.AnalogMessage:
			m.command, m.channel = client.AnalogMessage, first&0x0F
		default:
			continue
		}
		if m.data, err = readData(r, first == client.StartSysex); err != nil {
			return message{}, err
		}
		if first != client.StartSysex && len(m.data) == 2 {
			return m, nil
		}
		if first == client.StartSysex && len(m.data) > 0 {
			m.command, m.data = m.data[0], m.data[1:]
			return m, nil
		}
	}
}

// readData reads two bytes, or those of a sysex to its end. It returns nil if that does not come.
func readData(r *bufio.Reader, sysex bool) ([]byte, error) {
	var data []byte
	for sysex && len(data) < longest || !sysex && len(data) < 2 {
		b, err := r.ReadByte()
		switch {
		case err != nil:
			return nil, err
		case sysex && b == client.EndSysex:
			return data, nil
		case b >= 0x80: // another message begins
			return nil, r.UnreadByte()
		}
		data = append(data, b)
	}
	if sysex {
		return nil, nil
	}
	return data, nil
}
