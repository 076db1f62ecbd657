package rover_test

import "testing"

// TestARevokedWatcherGivesUp: the event stream ends, an EventSource comes back by itself, is refused and tries no more.
func TestARevokedWatcherGivesUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.start("watch.js", s.latch.URL)
	w.opens(s.token("ana", 0))
	w.next("Opened")
	w.next("Left")
	w.next("Left")
	if n := s.revoke("ana"); n != 1 {
		t.Errorf("%d streams ended, want 1", n)
	}
	if l := w.next("Error"); *l.Error != 0 || l.Over {
		t.Errorf("the stream ended as %d, over: %t", *l.Error, l.Over)
	}
	if l := w.next("Error"); *l.Error != 401 || !l.Over {
		t.Errorf("the next attempt: %d, over: %t", *l.Error, l.Over)
	}
	w.opens(s.token("ben", 0))
	w.next("Opened")
	w.next("Left")
}
