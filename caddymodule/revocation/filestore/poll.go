package filestore

import (
	"os"
	"time"
)

const (
	every  = time.Second     // how often the file is looked at
	settle = 2 * time.Second // how old a file is before its time can be trusted to change with it
)

// poll looks at the file until the store is closed.
func (s *store) poll() {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-s.closed:
			return
		case <-ticker.C:
			s.look()
		}
	}
}

// look reads the file if it is another one than before. What it adds counts at once; what it takes back counts when the next
// look finds the same: a file that is being written is shorter for a moment.
func (s *store) look() {
	info, err := os.Stat(s.path)
	if err != nil {
		s.seen = sight{}
		s.broken(err)
		return
	}
	if s.pending == nil && s.seen.same(info) {
		return // as good, or as broken, as it was
	}
	var found *list
	if s.seen, found, err = read(s.path, s.issuer); err != nil {
		s.broken(err)
		return
	}
	s.apply(found)
}

// broken keeps the list in force and notes since when and why.
func (s *store) broken(why error) {
	s.pending = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since.IsZero() {
		s.since = time.Now()
	}
	s.why = why
}

// apply puts what was found in force, or only what it adds.
func (s *store) apply(found *list) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since, s.why = time.Time{}, nil
	added, gone := found.beyond(s.list), s.list.beyond(found)
	if len(gone) > 0 && (s.pending == nil || len(found.beyond(s.pending))+len(s.pending.beyond(found)) > 0) {
		s.pending = found
		for f := range s.followers {
			f.add(added...)
		}
		s.list = s.list.with(added)
		return
	}
	s.pending = nil
	for f := range s.followers {
		// List and stores know only how to say more: an entry that says less is removed and added, one by one, so that a
		// token which both take out is never out of the list for longer than that.
		for _, e := range gone {
			f.remove(e)
			if less, still := found.entries[e.Key()]; still {
				f.add(less)
			}
		}
		f.add(added...)
	}
	s.list = found
}
