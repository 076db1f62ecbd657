package app

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// MaxImport is how many entries one Import takes.
const MaxImport = 1000

// Import takes entries in as another list held them, with their own time and reason: all of them or, after an error that
// wraps ErrEntry, none. What is there already stays, so importing again changes nothing. One audit line and one event
// tell how many, by whom and for which reason, which may be empty. A hold among them holds here too, and is told as one.
func (a *App) Import(ctx context.Context, entries []revocation.Entry, reason, by string) error {
	now := time.Now()
	if err := revocation.ValidateReason(reason); err != nil {
		return fmt.Errorf("%w: %w", ErrEntry, err)
	}
	if _, err := process.list.Cutoff(now); err != nil {
		return fmt.Errorf("%w: %w", ErrEntry, err)
	}
	if len(entries) > MaxImport {
		return fmt.Errorf("%w: more than %d entries", ErrEntry, MaxImport)
	}
	all := make([]revocation.Entry, len(entries))
	for i, e := range entries {
		if e.At.After(now) {
			// The other list's clock was ahead. The newest entry is what our own clock is held against: with one from
			// the future in the list, nothing could be revoked until then.
			e.At = now
		}
		all[i] = e.Canonical()
		if err := all[i].Validate(); err != nil {
			return fmt.Errorf("%w: entry %d: %w", ErrEntry, i+1, err)
		}
	}
	if len(all) == 0 {
		return nil
	}
	err := a.add(ctx, all...)
	a.audit(importing, by, err, zap.Int("entries", len(all)), zap.String("reason", reason))
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.Kind == revocation.KindHold {
			a.auditHold(by, nil, zap.String("reason", e.Reason))
		}
	}
	return nil
}
