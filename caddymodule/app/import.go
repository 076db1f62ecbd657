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
// wraps ErrEntry, none. What is there already stays, so importing again changes nothing. One audit line tells how many.
func (a *App) Import(ctx context.Context, entries []revocation.Entry, by string) error {
	now := time.Now()
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
	if err := a.add(ctx, all...); err != nil {
		return err
	}
	a.logger.Info("imported", zap.Int("entries", len(all)), zap.String("by", by))
	return nil
}
