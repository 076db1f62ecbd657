package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/botapi/sim"
)

// What the driver of the rover says, again and again, because the bot stops it after two seconds without a word; and what
// the motors do then: both are continuous servos, and one looks the other way.
const (
	drivePath  = "/api/drive"
	ahead      = `{"left":50,"right":50}`
	leftAhead  = botapi.AngleStopped + 45
	rightAhead = botapi.AngleStopped - 45
	sayEvery   = 100 * time.Millisecond
	patience   = 10 * time.Second
)

// drive tells what becomes of a rover whose driver may not drive any more.
func (l *latch) drive(ctx context.Context, b *bot) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	token, err := l.token("driver", "rover:drive")
	if err != nil {
		return err
	}
	c, _, err := l.takeWheel(ctx, token.Raw)
	if err != nil {
		return fmt.Errorf("the driver of the rover may not drive: %w", err)
	}
	defer func() { _ = c.CloseNow() }()
	go func() {
		for c.Write(ctx, websocket.MessageText, []byte(ahead)) == nil {
			time.Sleep(sayEvery)
		}
	}()
	if err := motors(ctx, b.board, leftAhead, rightAhead); err != nil {
		return err
	}
	fmt.Printf("ok    the driver drives the rover: motors at %d° and %d°\n", leftAhead, rightAhead)
	if err := l.revoke(ctx, token.Raw); err != nil {
		return err
	}
	code := closing(ctx, c)
	if code != websocket.StatusPolicyViolation {
		return fmt.Errorf("the driver's WebSocket ends with %d, want %d", code, websocket.StatusPolicyViolation)
	}
	fmt.Printf("ok    the driver's token is revoked, and the WebSocket ends with it: %d\n", code)
	if err := b.toldToStop(ctx); err != nil {
		return err
	}
	if err := motors(ctx, b.board, botapi.AngleStopped, botapi.AngleStopped); err != nil {
		return err
	}
	fmt.Printf("ok    the latch tells the bot to stop the rover: motors at %d° and %[1]d°\n", botapi.AngleStopped)
	_, status, err := l.takeWheel(ctx, token.Raw)
	if err == nil || status != http.StatusUnauthorized {
		return errors.New("the driver's revoked token is not refused")
	}
	fmt.Printf("ok    the same token drives nothing any more: %d\n", status)
	return nil
}

// takeWheel opens the rover's WebSocket through the latch. Status is that of the answer; zero: there was none.
func (l *latch) takeWheel(ctx context.Context, token string) (c *websocket.Conn, status int, err error) {
	c, res, err := websocket.Dial(ctx, l.url+drivePath, &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token}},
	})
	if res != nil {
		status = res.StatusCode
	}
	if err != nil && res != nil && res.Body != nil {
		_ = res.Body.Close()
	}
	return c, status, err
}

// closing reads what the bot says, until the WebSocket ends, and returns the code of its end; -1: it had none.
func closing(ctx context.Context, c *websocket.Conn) websocket.StatusCode {
	for {
		if _, _, err := c.Read(ctx); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

// motors waits until both motors are where they should be.
func motors(ctx context.Context, board *sim.Board, left, right int) error {
	return until(ctx, fmt.Sprintf("the motors are not at %d° and %d°", left, right), func() bool {
		return board.Servo(botapi.PinLeft) == left && board.Servo(botapi.PinRight) == right
	})
}

// until waits for something, or returns what is wrong when it does not come.
func until(ctx context.Context, wrong string, so func() bool) error {
	for !so() {
		select {
		case <-ctx.Done():
			return errors.New(wrong)
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}
