package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// Page lists what the stores hold, store after store, for people who read it: at most limit entries after a cursor that
// an earlier page returned. The first cursor is empty, and an empty next one says that there are no more.
func (a *App) Page(ctx context.Context, after string, limit int) (entries []revocation.Entry, next string, err error) {
	if err := a.ready(ctx); err != nil {
		return nil, "", err
	}
	n, inStore, err := parseCursor(after, len(a.stores))
	if err != nil {
		return nil, "", err
	}
	for ; n < len(a.stores) && len(entries) < limit; n++ {
		f := a.stores[n].followed
		page, more, err := f.store.Page(ctx, inStore, limit-len(entries))
		if err != nil {
			return nil, "", fmt.Errorf("reading revocation store %s: %w", f.resource, err)
		}
		entries = append(entries, page...)
		if more != "" {
			return entries, strconv.Itoa(n) + "." + more, nil
		}
		inStore = ""
	}
	if n < len(a.stores) {
		return entries, strconv.Itoa(n) + ".", nil
	}
	return entries, "", nil
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
