package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
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
	stops   atomic.Int32 // how often it was told to stop the rover
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
	b.server = &http.Server{Handler: b.counted(b.robot.Handler()), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = b.server.Serve(listener) }() // ends with stop
	return b, nil
}

// counted counts what tells the rover to stop: nobody in this story sends it but the latch, and the motors alone would not
// tell, because this bot stops them too when a driver goes.
func (b *bot) counted(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.ServeHTTP(w, r)
		if r.Method == http.MethodPost && r.URL.Path == drivePath+"/stop" {
			b.stops.Add(1)
		}
	})
}

// toldToStop waits until the bot was told to stop the rover, which must be once.
func (b *bot) toldToStop(ctx context.Context) error {
	err := until(ctx, "nobody tells the bot to stop", func() bool { return b.stops.Load() > 0 })
	if n := b.stops.Load(); n > 1 {
		return fmt.Errorf("the bot is told to stop %d times", n)
	}
	return err
}

func (b *bot) stop() {
	_ = b.server.Close()
	_ = b.robot.Stop()
}
