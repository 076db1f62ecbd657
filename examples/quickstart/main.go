// Command quickstart shows a latch in front of a bot, both in this process: an arm, a door and a rover on a simulated board, the
// Caddyfile at the root of the project, a new key, a token that may look and a token that may move. It prints curl lines
// to try, and an invitation for a phone to the bot's own page, and runs until Ctrl-C. With -check it tries them itself, says what happened, and exits with 0 or 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	check := flag.Bool("check", false, "tell the whole story and exit")
	caddyfile := flag.String("caddyfile", "Caddyfile", "the configuration; the one at the root of the project")
	flag.Parse()
	log.SetOutput(io.Discard) // Gobot tells every step of its start
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *caddyfile, *check); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run sets the stage, and plays on it or waits for others to.
func run(ctx context.Context, caddyfile string, check bool) error {
	dir, err := os.MkdirTemp("", "botlatch-quickstart-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b, err := startBot(ctx)
	if err != nil {
		return fmt.Errorf("starting the bot: %w", err)
	}
	defer b.stop()
	host := "127.0.0.1"
	if !check {
		host = lanAddress()
	}
	l, err := startLatch(dir, caddyfile, b.address, host)
	if err != nil {
		return fmt.Errorf("starting the latch: %w", err)
	}
	defer l.stop()
	if check {
		if err := l.story(ctx, b.board); err != nil {
			return err
		}
		if err := l.drive(ctx, b); err != nil {
			return err
		}
		return l.phone(ctx, b.board)
	}
	if err := l.invite(ctx, os.Stdout); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
