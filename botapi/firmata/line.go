package firmata

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"go.bug.st/serial"
)

// speed is that of StandardFirmata, in baud.
const speed = 57600

// openTCP connects to a board behind a TCP port.
func openTCP(ctx context.Context, address string) (io.ReadWriteCloser, error) {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	line, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w; check the address, and that the board, or what its line is connected to, listens there", err)
	}
	return line, nil
}

// openSerial opens a serial port. Most boards start anew when that happens.
func openSerial(_ context.Context, path string) (io.ReadWriteCloser, error) {
	line, err := serial.Open(path, &serial.Mode{BaudRate: speed})
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w; check that the board is plugged in, that you may use the port (on Linux the "+
			"group dialout may) and that no other program does", path, err)
	}
	return line, nil
}
