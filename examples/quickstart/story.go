package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/botapi/sim"
)

// What the story moves: the base of the arm, which rests at 90 degrees.
const (
	restsAt  = 90
	movesTo  = 120
	movePath = "/api/arm/joints/base"
	moveBody = `{"angle":120}`
)

// step is one thing that somebody tries, and how it must end.
type step struct {
	says         string
	method, path string
	body, token  string
	status       int
	base         int // where the servo stands afterwards, degrees
	moves        bool
}

// story tells what a latch does, and checks each step on the board itself.
func (l *latch) story(ctx context.Context, board *sim.Board) error {
	observer, err := l.token("observer", "observe")
	if err != nil {
		return err
	}
	driver, err := l.token("driver", "arm:move")
	if err != nil {
		return err
	}
	look := func(says, token string, status int) step {
		return step{says, http.MethodGet, "/api/arm", "", token, status, restsAt, false}
	}
	move := func(says, token string, status, base int, moves bool) step {
		return step{says, http.MethodPut, movePath, moveBody, token, status, base, moves}
	}
	for _, s := range []step{
		look("nobody looks without a token", "", http.StatusUnauthorized),
		move("nobody moves the arm without a token", "", http.StatusUnauthorized, restsAt, false),
		look("the observer looks", observer.Raw, http.StatusOK),
		move("the observer may not move the arm", observer.Raw, http.StatusForbidden, restsAt, false),
		move("the driver moves the arm", driver.Raw, http.StatusOK, movesTo, true),
	} {
		if err := l.try(ctx, board, s); err != nil {
			return err
		}
	}
	if err := l.revoke(ctx, driver.Raw); err != nil {
		return err
	}
	fmt.Println("ok    the driver's token is revoked")
	return l.try(ctx, board, move("the same token moves nothing any more", driver.Raw, http.StatusUnauthorized, movesTo, false))
}

// try takes one step and compares the answer and the servo with what the story says.
func (l *latch) try(ctx context.Context, board *sim.Board, s step) error {
	before := board.Actuations()
	status, err := l.send(ctx, s)
	if err != nil {
		return err
	}
	moved := board.Actuations() - before
	base := board.Servo(botapi.PinBase)
	if status != s.status || base != s.base || (moved > 0) != s.moves {
		fmt.Printf("FAIL  %s: status %d, servo at %d° after %d writes; want status %d, servo at %d°\n",
			s.says, status, base, moved, s.status, s.base)
		return fmt.Errorf("%s: not so", s.says)
	}
	fmt.Printf("ok    %s: %d, servo at %d°\n", s.says, status, base)
	return nil
}

func (l *latch) send(ctx context.Context, s step) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, s.method, l.url+s.path, strings.NewReader(s.body))
	if err != nil {
		return 0, err
	}
	if s.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// revoke takes a token out, as `caddy botlatch revoke` does.
func (l *latch) revoke(ctx context.Context, token string) error {
	return l.admin(ctx, http.MethodPost, "/botlatch/revocations", map[string]string{"token": token, "reason": "end of the story"},
		new(json.RawMessage))
}
