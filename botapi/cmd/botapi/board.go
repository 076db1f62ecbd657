package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/botapi/firmata"
	"github.com/botlatch/botlatch/botapi/sim"
)

// newBoard makes the board that the command line names and opens nothing. ctx ends attempts to connect.
func newBoard(ctx context.Context, kind, address string) (botapi.Board, error) {
	switch {
	case kind == "sim" && address != "":
		return nil, errors.New("-board-address: a simulated board has none; add -board firmata or -board firmata-tcp")
	case kind == "sim":
		return sim.New(), nil
	case kind != "firmata" && kind != "firmata-tcp":
		return nil, fmt.Errorf("unknown -board %q: it is sim, firmata or firmata-tcp", kind)
	case address == "":
		return nil, fmt.Errorf("-board %s asks for a -board-address: a serial port for firmata, host:port for firmata-tcp", kind)
	case kind == "firmata":
		return firmata.NewSerial(ctx, address), nil
	}
	return firmata.NewTCP(ctx, address), nil
}
