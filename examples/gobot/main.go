// Command gobot is a bot as Gobot's own examples write it: a servo and an LED on an Arduino, and Gobot's REST API and web
// page in front of them, which believe whoever asks. Nothing in here knows about tokens.
//
//	gobot [-listen 127.0.0.1:3000] [-board sim | -board 127.0.0.1:23200]
//
// The board is a simulated one, or StandardFirmata behind a TCP port. Standard output is lines of JSON: first where the API
// listens, then each request that reached it and each command that it began. Gobot's own log goes to standard error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"gobot.io/x/gobot/v2"
	"gobot.io/x/gobot/v2/api"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:3000", "`address` of the API, host:port; port 0 is any free one")
	board := flag.String("board", "sim", "`board`: sim, or host:port of one that speaks Firmata")
	flag.Parse()
	// Gobot would wait for SIGINT only, and leave the board as it is on SIGTERM.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once, also while the board is waited for
	if err := run(ctx, *listen, *board); err != nil {
		log.Fatalln("gobot:", err)
	}
}

// run is the bot until ctx ends.
func run(ctx context.Context, listen, board string) error {
	host, port, err := free(ctx, listen)
	if err != nil {
		return err
	}
	told := &teller{out: os.Stdout}
	manager := newManager(newBoard(board), told)
	// manager.Start would wait for a signal, whatever its AutoRun; false is what it gives to its robots itself.
	if err := manager.Robots().Start(false); err != nil {
		return err // Gobot's Firmata panics when it is told to close a line that it could not open
	}
	serve(manager, told, host, port)
	if err := answering(ctx, net.JoinHostPort(host, port)); err != nil {
		return errors.Join(err, manager.Stop())
	}
	told.tell(line{Listening: "http://" + net.JoinHostPort(host, port)})
	<-ctx.Done()
	return manager.Stop()
}

// serve starts Gobot's API as it comes, with its web page, and tells of each request.
func serve(manager *gobot.Manager, told *teller, host, port string) {
	a := api.NewAPI(manager)
	a.Host, a.Port = host, port // Gobot's default is every interface of the machine
	a.AddHandler(told.request)
	a.Start()
}

// free replaces port 0: Gobot does not say which port it got.
func free(ctx context.Context, address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	if err != nil || port != "0" {
		return host, port, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = l.Close() }()
	return net.SplitHostPort(l.Addr().String())
}

// answering waits until somebody listens on address: Gobot starts its server in the background.
func answering(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		if c, err := new(net.Dialer).DialContext(ctx, "tcp", address); err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the API does not listen on %s: %w", address, context.Cause(ctx))
		case <-time.After(5 * time.Millisecond):
		}
	}
}
