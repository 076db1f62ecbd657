package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// ErrNoWriter is the answer to a write when no configured store can be written.
var ErrNoWriter = errors.New("no revocation store of this configuration can be written: add one, such as `revocation bolt`, " +
	"or change what the store reads")

// ErrFull is the answer to a write when the list holds all the entries it may.
var ErrFull = errors.New("the revocation list is full: remove entries (`revocations remove`), give them --expires, " +
	"revoke by subject or key, or raise max_entries")

// defaultMaxEntries is the most entries that writes may make the list hold.
const defaultMaxEntries = 20_000_000

// CheckRevoked asks the list whether an entry takes t out, whether the list is fresh enough to say so, and then the
// status list on which t stands, if any. No I/O; while the list is being loaded it waits up to a second, and for a status
// list that was not needed before up to two.
func (a *App) CheckRevoked(ctx context.Context, t *accesstoken.Token, now time.Time) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if err := a.checkList(t, now); err != nil {
		return err
	}
	if err := checkStatus(ctx, t, now); err != nil {
		return err
	}
	return a.CheckHeld() // once more: the status list may have been waited for
}

// CheckRevokedOnHold is CheckRevoked for what goes on while everything is on hold: the doors, and the panel.
func (a *App) CheckRevokedOnHold(ctx context.Context, t *accesstoken.Token, now time.Time) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if err := checkListed(t); err != nil && deny.ReasonOf(err) != deny.Held {
		return err
	}
	if err := a.checkFresh(now); err != nil {
		return err
	}
	return checkStatus(ctx, t, now)
}

// checkList asks the list, and whether it is fresh enough.
func (a *App) checkList(t *accesstoken.Token, now time.Time) error {
	if err := checkListed(t); err != nil {
		return err
	}
	return a.checkFresh(now)
}

// checkListed asks the list, of a session also for what it rests on. No token is on none.
func checkListed(t *accesstoken.Token) error {
	if t == nil {
		return nil
	}
	kind, revoked := process.list.Revoked(t.Names)
	if t.Rests != nil && (!revoked || kind == revocation.KindHold) { // a hold hides nothing: the panel is open on hold
		kind, revoked = process.list.Revoked(t.Rests)
	}
	switch {
	case revoked && kind == revocation.KindHold: // since CheckHeld was asked
		return errOnHold
	case revoked:
		return deny.Because(deny.Revoked, revokedBy[kind])
	}
	return nil
}

// Revoked reports whether an entry takes t out, as far as the list knows: for showing who is signed in. A hold takes nobody out.
func (a *App) Revoked(t *accesstoken.Token) bool {
	err := checkListed(t)
	return err != nil && deny.ReasonOf(err) == deny.Revoked
}

// Admitted notes that a token was let through: a cut-off that means "now" must not be older than what it let in.
func (a *App) Admitted(t *accesstoken.Token) { process.list.SawIssuedAt(t.IssuedAt) }

// revokedBy are the reasons for the log, made once.
var revokedBy = func() (all [revocation.NumKinds]error) {
	for _, kind := range revocation.Kinds() {
		all[kind] = fmt.Errorf("by an entry of kind %s", kind)
	}
	return all
}()

// Revoked is the answer to Revoke: the entry as it was stored, and what became of the streams it takes out.
type Revoked struct {
	revocation.Entry
	Ended
}

// Revoke is the one way in: durable in the first store that can be written, then in the list, then one audit line and an
// event. It returns when the streams that it takes out have ended, or a second later. by says who asked. Errors that wrap
// ErrEntry are the caller's.
func (a *App) Revoke(ctx context.Context, req Request, by string) (Revoked, error) {
	entry, err := a.entry(ctx, req, time.Now())
	if err != nil {
		return Revoked{Entry: entry}, err
	}
	if err := a.checkKnown(entry); err != nil {
		return Revoked{Entry: entry}, err
	}
	return a.revoke(ctx, entry, by)
}

func (a *App) revoke(ctx context.Context, entry revocation.Entry, by string) (Revoked, error) {
	ending := beginEnding(entry)
	err := a.add(ctx, entry)
	answer := Revoked{Entry: entry}
	if err == nil {
		answer.Ended = ending.wait()
	}
	a.audit(revoking, by, err, append(audited(entry), zap.Int("streams_ended", answer.Streams))...)
	return answer, err
}

// add makes entries durable, all or none. The store has told the list by then (revocation.Writer); if it cannot be
// followed just now, the list is told here.
func (a *App) add(ctx context.Context, entries ...revocation.Entry) error {
	stores, err := a.writable(ctx)
	if err != nil {
		return err
	}
	if err := a.checkRoom(entries); err != nil {
		return err
	}
	return stores[0].write(ctx, entries...)
}

// write makes entries durable in a store that can be written, and tells the list if the store cannot do that just now.
func (f *followed) write(ctx context.Context, entries ...revocation.Entry) error {
	if err := f.store.(revocation.Writer).Add(ctx, entries...); err != nil {
		return f.notWritten(err)
	}
	if _, err := f.state(); err != nil {
		f.add(entries...)
	}
	return nil
}

// checkRoom refuses entries for which the list has no room. What is there already needs none, so that asking again works.
func (a *App) checkRoom(entries []revocation.Entry) error {
	fresh := 0
	for _, e := range entries {
		if !process.list.Named(e) {
			fresh++
		}
	}
	if n := process.list.Total(); fresh > 0 && n+fresh > a.MaxEntries {
		return fmt.Errorf("%w (%d entries of at most %d)", ErrFull, n, a.MaxEntries)
	}
	return nil
}

// writable are the stores that can be written, one at least.
func (a *App) writable(ctx context.Context) (all []*followed, err error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	for _, s := range a.stores {
		if _, ok := s.followed.store.(revocation.Writer); ok {
			all = append(all, s.followed)
		}
	}
	if len(all) == 0 {
		return nil, ErrNoWriter
	}
	return all, nil
}

// notWritten is the error of a write. Nobody knows whether it was done: only asking again tells.
func (f *followed) notWritten(why error) error {
	return fmt.Errorf("writing to revocation store %s: %w; it may be done or not, ask again", f.resource, why)
}
