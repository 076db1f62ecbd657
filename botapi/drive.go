package botapi

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// maxMessage is the most a message to the rover may carry, in bytes.
const maxMessage = 512

// drive is the channel through which one client at a time drives the rover: a WebSocket (RFC 6455).
type drive struct {
	rover   *rover
	streams *streams
	ping    time.Duration // between two pings, and the longest a pong may take
}

func newDrive(board Board, s *streams) *drive {
	return &drive{rover: newRover(board), streams: s, ping: 5 * time.Second}
}

// stop is POST /api/drive/stop.
func (d *drive) stop(r *http.Request) (any, error) {
	if _, err := readIntegers(r); err != nil {
		return nil, err
	}
	err := d.rover.stop()
	switch {
	case errors.Is(err, errAsleep):
		return nil, err
	case err != nil:
		return nil, newProblem(http.StatusInternalServerError, "the board did not stop it; it may be moving")
	}
	slog.InfoContext(r.Context(), "rover stopped")
	return speeds{}, nil
}

// serve is GET /api/drive, until the client goes, falls mute to pings, or somebody stops the rover.
func (d *drive) serve(w http.ResponseWriter, r *http.Request) {
	if p := checkHandshake(r); p != nil {
		p.write(w)
		return
	}
	ctx, leave, err := d.streams.enter()
	if err != nil {
		problemOf(r, err).write(w)
		return
	}
	defer leave()
	driver, ctx, err := d.rover.seat(ctx)
	if err != nil {
		problemOf(r, err).write(w)
		return
	}
	defer d.rover.leave(driver)
	t := &taking{ResponseWriter: w}
	c, err := websocket.Accept(t, r, nil)
	if err != nil { // it has answered
		return
	}
	c.SetReadLimit(maxMessage)
	slog.InfoContext(r.Context(), "driver came")
	d.converse(ctx, &channel{c, t.conn, r}, driver)
	slog.InfoContext(r.Context(), "driver went")
}

// channel is a WebSocket, the connection below it and the request it came from.
type channel struct {
	*websocket.Conn

	line    net.Conn
	request *http.Request
}

// converse obeys until ctx or the connection ends, and leaves no goroutine.
func (d *drive) converse(ctx context.Context, c *channel, driver *driver) {
	open, hangUp := context.WithCancel(context.Background())
	var others sync.WaitGroup
	others.Go(func() {
		d.talk(open, c, driver.replies)
		_ = c.line.Close()
	})
	others.Go(func() {
		select {
		case <-open.Done():
		case <-ctx.Done():
			d.rover.leave(driver)
			late := time.AfterFunc(patience, func() { _ = c.line.Close() })
			_ = c.Close(websocket.StatusGoingAway, "the rover was stopped") // or it is closed
			late.Stop()
		}
	})
	d.listen(c, driver)
	d.rover.leave(driver) // before anything that takes time
	hangUp()
	_ = c.line.Close()
	others.Wait()
	_ = c.CloseNow() // it may be closed
}

// listen obeys until the connection ends.
func (d *drive) listen(c *channel, driver *driver) {
	for {
		kind, message, err := c.Read(context.Background())
		if err != nil {
			return
		}
		if err := d.obey(driver, kind, message); err != nil {
			driver.reply(problemOf(c.request, err))
		}
	}
}

// obey does what a message says. A message that says nothing sensible moves nothing and counts for silence.
func (d *drive) obey(driver *driver, kind websocket.MessageType, message []byte) error {
	if kind != websocket.MessageText {
		return newProblem(http.StatusUnsupportedMediaType, "a text message is expected")
	}
	members, err := readObject(message)
	if err != nil {
		return err
	}
	asked, err := integers(members, []parameter{{"left", -100, 100}, {"right", -100, 100}})
	if err != nil {
		return err
	}
	return d.rover.drive(driver, speeds{asked["left"], asked["right"]})
}

// talk sends replies and pings until one of them does not get through.
func (d *drive) talk(ctx context.Context, c *channel, replies queue) {
	ticker := time.NewTicker(d.ping)
	defer ticker.Stop()
	for err := error(nil); err == nil; {
		select {
		case <-ctx.Done():
			return
		case message := <-replies:
			err = within(ctx, patience, func(ctx context.Context) error { return c.Write(ctx, websocket.MessageText, message) })
		case <-ticker.C:
			err = within(ctx, d.ping, c.Ping)
		}
	}
}

func within(ctx context.Context, limit time.Duration, act func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return act(ctx)
}
