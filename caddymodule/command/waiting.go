package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	askEvery = time.Second     // how often it is asked who has taken an invitation
	askLimit = 5 * time.Second // how long one answer may take
	maxAway  = time.Minute     // how long the latch may be away, for a restart
)

// inviter is what waiting asks of a latch.
type inviter interface {
	invitations() ([]invitation, error)
	cancelInvitation(id string) (invitation, error)
}

// waiting is the wait until somebody has taken an invitation.
type waiting struct {
	invitation

	latch inviter
	again string    // flags that find the latch
	said  io.Writer // what happens meanwhile
}

// wait returns the invitation when it was taken. A refusal: nobody took it. When ctx ends it takes the invitation back;
// interrupted is called before that.
func (w *waiting) wait(ctx context.Context, interrupted func()) (invitation, error) {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	// The latch's clock may be another one, and cuts Created to the second.
	over := time.Now().Add(w.Expires.Sub(w.Created) + time.Second)
	var away time.Time // since when the latch has not answered
	for {
		select {
		case <-ctx.Done():
			interrupted()
			return w.takeBack()
		case <-ticker.C:
		}
		now := time.Now()
		v, err := w.look(ctx)
		switch {
		case ctx.Err() != nil: // at the top
		case errors.As(err, new(refusal)), err == nil && v.Taken != nil:
			return v, err
		case err != nil && away.IsZero():
			away = now
			_, _ = fmt.Fprintf(w.said, "The latch does not say who: %v\nTrying on for %s.\n", err, maxAway)
		case err != nil && now.Sub(away) >= maxAway:
			return v, latchError{fmt.Errorf("%w\n%s", err, w.left())}
		case err != nil: // later
		case !away.IsZero():
			away = time.Time{}
			_, _ = fmt.Fprintln(w.said, "The latch answers again.")
		case now.After(over):
			return v, refusal{errors.New("nobody took the invitation in time: the link lets nobody in any more")}
		}
	}
}

// look asks what has become of the invitation.
func (w *waiting) look(ctx context.Context) (invitation, error) {
	all, err := answered(ctx, w.latch.invitations)
	if err != nil {
		return invitation{}, err
	}
	for _, v := range all {
		if v.ID == w.ID {
			return v, nil
		}
	}
	return invitation{}, refusal{errors.New("somebody else has taken the invitation back: the link lets nobody in any more")}
}

// takeBack cancels the invitation. It may turn out that somebody has been faster.
func (w *waiting) takeBack() (invitation, error) {
	ctx := context.Background() // that of the wait has ended
	_, failed := answered(ctx, func() (invitation, error) { return w.latch.cancelInvitation(w.ID) })
	if failed == nil {
		return invitation{}, refusal{errors.New("the invitation was taken back: the link lets nobody in any more")}
	}
	v, err := w.look(ctx)
	if errors.As(err, new(refusal)) || err == nil && v.Taken != nil {
		return v, err
	}
	return v, latchError{fmt.Errorf("%w\n%s", failed, w.left())}
}

// left is what may happen still, when nobody waits any more.
func (w *waiting) left() string {
	return fmt.Sprintf("The link may let somebody in until %s. Take it back: caddy botlatch invitations cancel %s%s",
		w.Expires.Format(time.RFC3339), w.ID, w.again)
}

// answered asks, and gives up when ctx ends or after a while: Caddy's client would wait for ever. What was asked ends with
// the process.
func answered[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	got := make(chan answer, 1)
	go func() {
		value, err := ask()
		got <- answer{value, err}
	}()
	select {
	case a := <-got:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, latchError{fmt.Errorf("asking the latch: no answer within %s", askLimit)}
	}
}
