package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

const (
	filterStep = 1000  // entries that a filter reads at a time
	filterMost = 10000 // entries that it reads for one page
)

// Page lists what the stores hold and a filter takes, store after store, for people who read it: at most limit entries
// after a cursor that an earlier page returned. The first cursor is empty, and an empty next one says that there are no
// more. The work for a page is bounded: with a filter it may be short or empty and still have a next one.
func (a *App) Page(ctx context.Context, filter Filter, after string, limit int) (entries []revocation.Entry, next string, err error) {
	if err := a.ready(ctx); err != nil {
		return nil, "", err
	}
	n, inStore, err := parseCursor(after, len(a.stores))
	if err != nil {
		return nil, "", err
	}
	for read := 0; n < len(a.stores) && len(entries) < limit && read < filterMost; {
		f := a.stores[n].followed
		some, looked, more, err := readSome(ctx, f.store, filter, inStore, limit-len(entries))
		if err != nil {
			return nil, "", fmt.Errorf("reading revocation store %s: %w", f.resource, err)
		}
		entries = append(entries, some...)
		read += looked
		if inStore = more; more == "" {
			n++
		}
	}
	if n < len(a.stores) {
		return entries, strconv.Itoa(n) + "." + inStore, nil
	}
	return entries, "", nil
}

// readSome reads once from a store, and tells how many entries it looked at. When more than limit of them are wanted it
// reads fewer, because only a store can say where a page goes on.
func readSome(ctx context.Context, store revocation.Store, filter Filter, after string, limit int) (wanted []revocation.Entry, looked int, next string, err error) {
	step := filterStep
	if filter.all() {
		step = limit
	}
	for {
		page, next, err := store.Page(ctx, after, step)
		if err != nil {
			return nil, 0, "", err
		}
		wanted, last := filter.first(page, limit)
		if last == len(page) {
			return wanted, len(page), next, nil
		}
		step = last
	}
}

// parseCursor reads the number of a store and the store's own cursor.
func parseCursor(after string, stores int) (n int, inStore string, err error) {
	if after == "" {
		return 0, "", nil
	}
	number, inStore, ok := strings.Cut(after, ".")
	n, err = strconv.Atoi(number)
	if !ok || err != nil || n < 0 || n >= stores {
		return 0, "", revocation.ErrCursor
	}
	return n, inStore, nil
}
