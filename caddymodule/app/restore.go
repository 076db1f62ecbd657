package app

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// Restored is the answer to Restore.
type Restored struct {
	revocation.Entry // of which the name and the reason count

	// StillListed says that what the entry names is out all the same: a store says so that cannot be written here, or
	// one of an earlier configuration, which is remembered until the process ends.
	StillListed bool `json:"still_listed,omitempty"`
}

// Restore undoes Revoke for the name of an entry, in every store that can be written: it may have been made in another
// one than new entries go to now. It is audited too. A name that is not on the list is no error.
func (a *App) Restore(ctx context.Context, req Request, by string) (Restored, error) {
	entry, err := a.name(ctx, req, time.Now())
	if err != nil {
		return Restored{}, err
	}
	err = a.takeBack(ctx, entry)
	r := Restored{Entry: entry, StillListed: process.list.Named(entry)}
	name := revocation.Entry{Kind: entry.Kind, Issuer: entry.Issuer, Reason: entry.Reason}
	a.audit(restoring, by, err, append(audited(name), zap.Bool("still_listed", r.StillListed))...)
	return r, err
}

// takeBack tells the stores only. Each tells the list, in the order in which it made its changes: to take the entry out
// of the list here, too, could undo a revocation of the same name that was answered a moment ago.
func (a *App) takeBack(ctx context.Context, entry revocation.Entry) error {
	stores, err := a.writable(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range stores {
		if err := s.store.(revocation.Writer).Remove(ctx, entry); err != nil {
			errs = append(errs, s.notWritten(err))
		}
	}
	return errors.Join(errs...)
}
