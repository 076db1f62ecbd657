package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/botlatch/botlatch/botapi"
)

// server is a bot and the HTTP server in front of it.
type server struct {
	bot  *botapi.Bot
	http *http.Server

	drain time.Duration // how long requests under way may still take
	rest  time.Duration // how long the servos may take to rest
}

func newServer(bot *botapi.Bot) *server {
	return &server{
		bot: bot,
		http: &http.Server{
			Handler:           bot.Handler(),
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       10 * time.Second,
			WriteTimeout:      10 * time.Second,
			// Longer than proxies keep theirs, so that none picks a connection that is just being closed.
			IdleTimeout:    3 * time.Minute,
			MaxHeaderBytes: 16 << 10,
			ErrorLog:       slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
		},
		drain: 3 * time.Second,
		rest:  time.Second,
	}
}

// run starts the bot, serves it on l, which it closes, and writes to out where that and its page are. When ctx ends it drains, rests
// and returns nil; an error is what kept it from starting, serving or resting.
func (s *server) run(ctx context.Context, l net.Listener, out io.Writer) error {
	if err := s.bot.Start(ctx); err != nil {
		return errors.Join(err, l.Close())
	}
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(l) }()
	announce(out, l)
	select {
	case err := <-served:
		return errors.Join(fmt.Errorf("serving: %w", err), s.halt())
	case <-ctx.Done():
		slog.Info("stopping")
		s.close()
		return s.halt()
	}
}

// close ends streams, lets requests under way finish, and cuts off those that take too long.
func (s *server) close() {
	s.bot.Drain()
	ctx, cancel := context.WithTimeout(context.Background(), s.drain)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		slog.Warn("cutting off requests under way", "error", err)
		_ = s.http.Close() // the listener is closed already
	}
}

// halt stops the bot, but does not wait for a board that hangs.
func (s *server) halt() error {
	stopped := make(chan error, 1)
	go func() { stopped <- s.bot.Stop() }()
	select {
	case err := <-stopped:
		return err
	case <-time.After(s.rest):
		return fmt.Errorf("stopping the robot: not at rest within %s", s.rest)
	}
}
