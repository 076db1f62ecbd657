package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// holdTimeout is how long hold and resume wait for a store. The list of this process does not wait for it.
const holdTimeout = 5 * time.Second

var (
	errOnHold    error = deny.Because(deny.Held, nil)
	errHeldHere        = errors.New("everything is on hold on this latch, until it restarts or resumes, but other latches may go on")
	errStillHeld       = errors.New("everything is still on hold")
)

// Holding tells whether everything is on hold and, of the oldest hold, since when and why.
type Holding struct {
	Held   bool      `json:"held"`
	Since  time.Time `json:"since,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

// Held is the answer to Hold.
type Held struct {
	Holding
	Ended
}

// Resumed is the answer to Resume.
type Resumed struct {
	Holding

	// StillListed says that everything is on hold all the same: a store says so that cannot be written here or is not
	// followed just now, or one of an earlier configuration, which is remembered until the process ends.
	StillListed bool `json:"still_listed,omitempty"`
}

// CheckHeld refuses while everything is on hold. It is one load and needs nothing else: no store, no token and no clock.
func (a *App) CheckHeld() error {
	if process.list.Held() {
		return errOnHold
	}
	return nil
}

// Holding asks the list.
func (a *App) Holding() Holding {
	e, held := process.list.Hold()
	return Holding{Held: held, Since: e.At, Reason: e.Reason}
}

// Hold refuses everything but public rules with 503, here at once and on every latch of the first store that can be
// written, across restarts, until Resume. Nothing is revoked. It asks neither the clock nor max_entries, and makes any text
// a reason. An error says that this latch holds, and that others may not: the store could not be written, or none can
// (ErrNoWriter). To ask again is no error. by says who asked.
func (a *App) Hold(ctx context.Context, reason, by string) (Held, error) {
	e := holdEntry(reason, time.Now())
	ending := beginEnding(e)
	a.holdHere(e) // before waiting for whoever writes to a store that does not answer
	process.button.Lock()
	defer process.button.Unlock()
	a.holdHere(e) // again: somebody may have resumed meanwhile
	err := a.storeHold(ctx, e)
	if err != nil {
		err = fmt.Errorf("%w: %w", errHeldHere, err)
	} else {
		process.ownHold.Remove(e) // the store says it now, and whoever resumes there ends it here too
	}
	held := Held{a.Holding(), ending.wait()}
	a.auditHold(by, err, zap.String("reason", e.Reason), zap.Int("streams_ended", held.Streams))
	return held, err
}

// holdHere makes the list of this process say so, and ends what is open. It may be called twice for one hold.
func (a *App) holdHere(e revocation.Entry) {
	process.ownHold.Add(e)
	sweepNow()
}

// storeHold makes a hold durable. Whoever asked may have closed the terminal: it is written all the same.
func (a *App) storeHold(ctx context.Context, e revocation.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), holdTimeout)
	defer cancel()
	stores, err := a.writable(ctx)
	if err != nil {
		return err
	}
	return stores[0].write(ctx, e)
}

// Resume ends the hold, in this process and in every store that can be written. After an error everything is on hold here
// as before: ask again. That nothing was on hold is none. by says who asked.
func (a *App) Resume(ctx context.Context, reason, by string) (Resumed, error) {
	process.button.Lock()
	defer process.button.Unlock()
	before, held := process.list.Hold()
	if held {
		process.ownHold.Add(before) // until every store has let go of it
	}
	ctx, cancel := context.WithTimeout(ctx, holdTimeout)
	defer cancel()
	e := holdEntry(reason, time.Now())
	err := a.takeBack(ctx, e)
	switch {
	case err == nil, errors.Is(err, ErrNoWriter): // then none of them said it either, unless it is read from a file
		process.ownHold.Remove(e)
		err = nil
	case held:
		err = fmt.Errorf("%w: %w", errStillHeld, err)
	}
	r := Resumed{Holding: a.Holding()}
	r.StillListed = err == nil && r.Held
	a.audit(resuming, by, err, zap.String("reason", e.Reason), zap.Bool("still_listed", r.StillListed))
	return r, err
}

// holdEntry is a hold as stores keep it. A clock that is behind does not keep it from holding: it was made no earlier than
// the newest entry.
func holdEntry(reason string, now time.Time) revocation.Entry {
	at := max(now.Unix(), process.list.Newest().Unix(), 1)
	e := revocation.Entry{Kind: revocation.KindHold, Reason: revocation.FitReason(reason), At: time.Unix(at, 0)}
	return e.Canonical()
}
