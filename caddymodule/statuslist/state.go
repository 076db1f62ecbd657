package statuslist

import (
	"context"
	"slices"
	"time"

	"github.com/botlatch/botlatch/caddymodule/remote"
)

// State is how the lists below one prefix fare. It names no list: its URI stood in a token.
type State struct {
	Prefix  string
	Lists   int   // in use
	Unknown int   // of them, that cannot be relied on: tokens on them are answered 503
	Err     error // how the last fetch of one of them failed; nil: all went well
}

// State tells how the lists fare, by prefix, in the order of the configuration.
func (l *Lists) State(ctx context.Context, now time.Time) []State {
	states := make([]State, len(l.prefixes))
	for n, p := range l.prefixes {
		states[n].Prefix = string(p)
	}
	for uri, d := range l.documents() {
		s := &states[slices.IndexFunc(l.prefixes, func(p prefix) bool { return p.covers(uri) })]
		s.Lists++
		fares := d.State()
		if fares.Err != nil {
			s.Err = fares.Err
		}
		if !fares.Known {
			s.Unknown++
		} else if known, err := d.Get(ctx); err == nil && l.stands(ctx, known, now) != nil {
			s.Unknown++
		}
	}
	return states
}

func (l *Lists) documents() map[string]*remote.Document[*list] {
	l.mu.RLock()
	defer l.mu.RUnlock()
	all := make(map[string]*remote.Document[*list], len(l.lists))
	for uri, f := range l.lists {
		all[uri] = f.document
	}
	return all
}
