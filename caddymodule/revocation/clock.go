package revocation

import (
	"fmt"
	"sync/atomic"
	"time"
)

// Skew is how far the clock may be behind the newest entry, which another latch may have written by its own clock.
const Skew = time.Minute

// SawIssuedAt notes the iat of a token that was verified and validated; zero is none. Cutoff needs the newest. Cheap:
// one load unless it is the newest yet.
func (l *List) SawIssuedAt(t time.Time) {
	if !t.IsZero() {
		raise(&l.lastIssued, t.Unix())
	}
}

// Newest returns the newest At of all entries added since the start, removed ones included; zero when there was none.
func (l *List) Newest() time.Time {
	if s := l.newest.Load(); s > 0 {
		return time.Unix(s, 0).UTC()
	}
	return time.Time{}
}

// Cutoff returns the time to store for a cut-off that means "now": the latest of now, the newest iat verified so far
// and the newest entry, in whole seconds. An issuer whose clock is ahead would otherwise keep its last tokens. A clock
// more than Skew behind the newest entry is an error, for every write: a machine without a battery starts in 1970,
// and a cut-off of 1970 takes nothing out.
func (l *List) Cutoff(now time.Time) (time.Time, error) {
	newest := l.newest.Load()
	if now.Unix() < newest-int64(Skew/time.Second) {
		return time.Time{}, fmt.Errorf("clock reads %s, but the newest revocation was made at %s: set the clock first",
			now.UTC().Format(time.RFC3339), l.Newest().Format(time.RFC3339))
	}
	return time.Unix(max(now.Unix(), l.lastIssued.Load(), newest), 0).UTC(), nil
}

// raise sets a to v if v is greater.
func raise(a *atomic.Int64, v int64) {
	for old := a.Load(); v > old; old = a.Load() {
		if a.CompareAndSwap(old, v) {
			return
		}
	}
}
