package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/botapi/sim"
)

// bot is the robot, its API on a free port of loopback.
type bot struct {
	board   *sim.Board
	address string
	robot   *botapi.Bot
	server  *http.Server
}

func startBot(ctx context.Context) (*bot, error) {
	b := &bot{board: sim.New()}
	b.robot = botapi.New(b.board)
	if err := b.robot.Start(ctx); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		_ = b.robot.Stop()
		return nil, err
	}
	b.address = listener.Addr().String()
	b.server = &http.Server{Handler: b.robot.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = b.server.Serve(listener) }() // ends with stop
	return b, nil
}

func (b *bot) stop() {
	_ = b.server.Close()
	_ = b.robot.Stop()
}
