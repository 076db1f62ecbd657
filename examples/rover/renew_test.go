package rover_test

import "testing"

// TestARenewedTokenDrivesOn without a stop: the new connection is opened before the old one ends, in the same session.
func TestARenewedTokenDrivesOn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.start("drive.js", s.latch.URL)
	d.opens(s.token("ana", soon))
	first := d.next("Session")
	d.drives(30)

	d.opens(s.token("ana", 0))
	second := d.next("Session")
	if second.Connection != 2 || second.Session != first.Session || second.Commands != 1 {
		t.Errorf("the session was not kept: %+v, then %+v", first, second)
	}
	d.drives(31)
	d.closes(1, "token expired")
	if l := d.drives(32); l.Connection != 2 || l.Commands != 3 {
		t.Errorf("the session went on at %+v", l)
	}
	s.becomes("one driver", func(now state) bool { return now.Drivers == 1 })
	if now := s.state(); now.Left != 32 || now.Stops != 0 {
		t.Errorf("nobody was to stop the rover, which is at %+v", now)
	}

	_ = d.orders.Close() // and with it the program
	s.becomes("stands still", stands(1))
}

// TestADriverComesBackToTheSession when the token was renewed too late: the rover has stopped meanwhile, and that is all.
func TestADriverComesBackToTheSession(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.start("drive.js", s.latch.URL)
	d.opens(s.token("ana", soon))
	first := d.next("Session")
	d.drives(30)
	d.closes(1, "token expired")
	s.becomes("stands still", stands(1))

	d.opens(s.token("ana", 0))
	second := d.next("Session")
	if second.Connection != 2 || second.Session != first.Session || second.Commands != 1 {
		t.Errorf("the session was not kept: %+v, then %+v", first, second)
	}
	d.drives(31)
	if now := s.state(); now.Left != 31 || now.Stops != 1 {
		t.Errorf("the rover is at %+v", now)
	}
}
