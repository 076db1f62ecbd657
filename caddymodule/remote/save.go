package remote

import (
	"context"
	"fmt"
	"time"
)

// restore takes what was saved: as the value when it is still fresh, else for when the first fetch fails, because a key
// or a token may have been taken away since. It returns when to fetch.
func (d *Document[T]) restore(ctx context.Context) time.Duration {
	if d.options.Saved == nil {
		return 0
	}
	bounded, cancel := context.WithTimeout(ctx, d.options.Timeout)
	defer cancel()
	old, err := d.options.Saved.Load(bounded, d.url.String())
	if err != nil {
		return 0
	}
	value, fresh, err := d.parse(bounded, old.Body, nil)
	if err != nil {
		return 0
	}
	if fresh <= 0 {
		fresh = old.Fresh
	}
	now, wall := d.clocks()
	age := wall.Sub(old.FetchedAt)
	saved := d.judge(value, fresh, now.Add(-max(age, 0)), old.FetchedAt)
	// What comes from the future is of any age: this machine's clock has been put back, or is not set yet.
	if left := saved.fresh - age; age >= 0 && left > 0 {
		d.settle(saved, nil)
		return min(left, d.early(saved.fresh))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.saved = saved
	return 0
}

// save keeps a body across a restart, once everybody has what it says: nobody waits for a storage that is slow.
func (d *Document[T]) save(ctx context.Context, body []byte, of *good[T]) {
	if d.options.Saved == nil {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, d.options.Timeout)
	defer cancel()
	err := d.options.Saved.Save(bounded, d.url.String(), Saved{body, of.fetchedAt, of.fresh})
	if err == nil || ctx.Err() != nil {
		return
	}
	if d.options.Changed != nil {
		defer d.options.Changed()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = fmt.Errorf("saving what came from %s: %w", d.url.Host, err)
}
