package revocation

import (
	"fmt"
	"slices"
)

// MaxSources is how many stores, by resource, one process can know between its start and its end.
const MaxSources = 32

// addStep is how many entries are added before readers are let in again.
const addStep = 256

// Source is what one store says to a List. Of each name it says one thing at most; a name is out as long as any source
// says so. Add and Remove fit Store.Follow. Safe for concurrent use.
type Source struct {
	list *List
	bit  uint32
}

// Source returns the source of a resource (Opener.Resource): the same one each time, so that a store that comes back
// after a reload finds what it said before, and nothing is forgotten while it is away. More than MaxSources different
// ones are an error.
func (l *List) Source(resource string) (*Source, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.sources, resource)
	if i < 0 {
		if len(l.sources) == MaxSources {
			return nil, fmt.Errorf("more than %d revocation stores since the process started", MaxSources)
		}
		i = len(l.sources)
		l.sources = append(l.sources, resource)
	}
	return &Source{list: l, bit: 1 << i}, nil
}

// Add takes entries in, each of them valid (Entry.Validate). It never takes anything out less than before: two entries
// of one name count as Entry.Merge says, and adding one a second time changes nothing. When it returns, Revoked and Held
// know.
func (s *Source) Add(entries ...Entry) {
	for some := range slices.Chunk(entries, addStep) {
		s.add(some)
	}
}

func (s *Source) add(entries []Entry) {
	var keys [addStep]Key
	newest := int64(0)
	for i, e := range entries {
		keys[i] = e.Key() // before the lock: hashing is most of the work
		newest = max(newest, e.At.Unix())
	}
	raise(&s.list.newest, newest)

	s.list.mu.Lock()
	defer s.list.mu.Unlock()
	changed := false
	for i, e := range entries {
		if e.IssuedBefore.IsZero() {
			changed = s.block(e, keys[i]) || changed
		} else {
			changed = s.cutOff(e, keys[i]) || changed
		}
		if e.Kind == KindHold {
			s.list.saysHold(s.bit, e)
		}
	}
	// After inserting, see List. Still under the lock: whoever adds the same a moment later and finds it there may
	// answer "revoked", so it must be counted by then.
	if changed {
		s.list.version.Add(1)
	}
}

// block reports whether e takes out more than before.
func (s *Source) block(e Entry, key Key) bool {
	m := s.list.blocked[e.Kind]
	if m == nil {
		m = make(map[Key]block)
		s.list.blocked[e.Kind] = m
	}
	b, known := m[key]
	end := expiry(e.ExpiresAt)
	if known {
		end = laterEnd(b.expires, end)
	}
	m[key] = block{expires: end, sources: b.sources | s.bit}
	// It now says more than its own cut-off did.
	s.list.keep(e.Kind, key, s.list.cutoffs[e.Kind][key], s.others)
	return !known
}

// cutOff reports whether e takes out more than before.
func (s *Source) cutOff(e Entry, key Key) bool {
	if b, ok := s.list.blocked[e.Kind][key]; ok && b.sources&s.bit != 0 {
		b.expires = laterEnd(b.expires, expiry(e.ExpiresAt))
		s.list.blocked[e.Kind][key] = b
		return false
	}
	m := s.list.cutoffs[e.Kind]
	if m == nil {
		m = make(map[Key][]cutoff)
		s.list.cutoffs[e.Kind] = m
	}
	before, end := seconds(e.IssuedBefore), expiry(e.ExpiresAt)
	for i := range m[key] {
		if c := &m[key][i]; c.source == s.bit {
			more := before > c.before
			c.before, c.expires = max(c.before, before), laterEnd(c.expires, end)
			return more
		}
	}
	m[key] = append(m[key], cutoff{before: before, expires: end, source: s.bit})
	return true
}

// Remove takes back what this source said of the names of entries; what else they say does not count, and names it
// never mentioned change nothing. A token that no source takes out any more passes again at once.
func (s *Source) Remove(entries ...Entry) {
	for _, e := range entries {
		s.remove(e.Kind, e.Key())
	}
}

func (s *Source) remove(kind Kind, key Key) {
	s.list.mu.Lock()
	defer s.list.mu.Unlock()
	if b, ok := s.list.blocked[kind][key]; ok {
		if b.sources &^= s.bit; b.sources == 0 {
			delete(s.list.blocked[kind], key)
		} else {
			s.list.blocked[kind][key] = b
		}
	}
	s.list.keep(kind, key, s.list.cutoffs[kind][key], s.others)
	if kind == KindHold {
		s.list.dropsHold(s.bit)
	}
	// The version stays: to find a token clean that was revoked needs a look, and revoked ones are looked up each time.
}

func (s *Source) others(c cutoff) bool { return c.source != s.bit }

// keep drops the cut-offs of a name that wanted does not want. The lock is held.
func (l *List) keep(kind Kind, key Key, all []cutoff, wanted func(cutoff) bool) {
	if len(all) == 0 {
		return
	}
	all = slices.DeleteFunc(all, func(c cutoff) bool { return !wanted(c) })
	if len(all) == 0 {
		delete(l.cutoffs[kind], key)
	} else {
		l.cutoffs[kind][key] = all
	}
}

// laterEnd is the later of two ends; none is the latest.
func laterEnd(a, b uint32) uint32 {
	if a == 0 || b == 0 {
		return 0
	}
	return max(a, b)
}
