package revocation

import "slices"

// holder is a source that says that everything is on hold, and how it says it.
type holder struct {
	source uint32 // its bit
	entry  Entry
}

// Held reports whether any source says that everything is on hold (KindHold). One load, so that every request can ask
// before anything else of it is looked at. It is true when the Add of such an entry returns, and false when the last
// source has taken its own back.
func (l *List) Held() bool { return l.hold.Load() != nil }

// Hold returns the oldest hold of all sources, for people who ask since when and why; false: nothing is on hold.
func (l *List) Hold() (Entry, bool) {
	if e := l.hold.Load(); e != nil {
		return *e, true
	}
	return Entry{}, false
}

// saysHold notes what a source says of the hold: the first that it said, as stores keep it. The lock is held.
func (l *List) saysHold(source uint32, e Entry) {
	if !slices.ContainsFunc(l.holders, func(h holder) bool { return h.source == source }) {
		l.holders = append(l.holders, holder{source, e})
	}
	l.noteHold()
}

// dropsHold forgets what a source said of the hold. The lock is held.
func (l *List) dropsHold(source uint32) {
	l.holders = slices.DeleteFunc(l.holders, func(h holder) bool { return h.source == source })
	l.noteHold()
}

// noteHold makes hold what the maps say: they decide whether there is one, holders only tell more about it. The lock is
// held.
func (l *List) noteHold() {
	if len(l.blocked[KindHold])+len(l.cutoffs[KindHold]) == 0 {
		l.holders = nil
		l.hold.Store(nil)
		return
	}
	oldest := Entry{Kind: KindHold}
	for _, h := range l.holders {
		if oldest.At.IsZero() || h.entry.At.Before(oldest.At) {
			oldest = h.entry
		}
	}
	l.hold.Store(&oldest)
}
