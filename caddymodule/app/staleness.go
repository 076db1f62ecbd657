package app

import (
	"context"
	"fmt"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// defaultMaxStaleness is how long the last list counts that a store told, when it cannot be asked any more.
const defaultMaxStaleness = 10 * time.Minute

// askEvery is how often a store is asked whether it knows its resource.
const askEvery = 250 * time.Millisecond

// trouble is since when and why a store cannot be followed.
type trouble struct {
	since time.Time
	why   error
}

// failed notes trouble, and warns when it is new. It is called by one goroutine at a time or, when two notice the same,
// warns twice.
func (f *followed) failed(t trouble) {
	before := f.trouble.Load()
	if before != nil && before.since.Before(t.since) {
		t.since = before.since
	}
	f.trouble.Store(&t)
	if before == nil {
		// The process's logger: the one of the configuration that opened the store may be closed by now.
		caddy.Log().Named("botlatch").Warn("revocation store cannot be followed; the last list stays in force",
			zap.String("store", f.resource), zap.Error(t.why))
	}
}

// knows ends trouble.
func (f *followed) knows() {
	if before := f.trouble.Swap(nil); before != nil {
		caddy.Log().Named("botlatch").Info("revocation store is followed again",
			zap.String("store", f.resource), zap.Duration("after", time.Since(before.since)))
	}
}

// watch asks a store that follows through trouble whether it is in any.
func (f *followed) watch(ctx context.Context, store revocation.Reporter) {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	reported := false // the trouble that stands was told here: trouble of follow is not ours to end
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		since, why := store.Trouble()
		switch {
		case !since.IsZero():
			f.failed(trouble{since, why})
			reported = true
		case reported:
			f.knows()
			reported = false
		}
	}
}

// stale is how long the store that fares worst could not be followed.
func stale(now time.Time) (longest time.Duration) {
	pool.Range(func(_, value any) bool {
		if t := value.(*followed).trouble.Load(); t != nil {
			longest = max(longest, now.Sub(t.since))
		}
		return true
	})
	return longest
}

// checkFresh refuses tokens when a store of this configuration could not be followed for too long: somebody may have
// been revoked meanwhile.
func (a *App) checkFresh(now time.Time) error {
	if a.MaxStaleness < 0 {
		return nil
	}
	for _, s := range a.stores {
		if t := s.followed.trouble.Load(); t != nil && now.Sub(t.since) > time.Duration(a.MaxStaleness) {
			return deny.Because(deny.Unavailable, fmt.Errorf("revocation store %s is not known since %s: %w",
				s.followed.resource, t.since.UTC().Format(time.RFC3339), t.why))
		}
	}
	return nil
}
