package rover_test

import (
	"testing"
	"time"
)

// soon is how long a token lives that is to expire while a test waits. Half of it is for a busy machine.
const soon = 6 * time.Second

// closes asserts with which words a connection of drive.js ends.
func (c *client) closes(connection int, reason string) {
	c.s.t.Helper()
	if l := c.next("Closed"); l.Connection != connection || l.Closed != 1008 || l.Reason != reason {
		c.s.t.Errorf("%s: connection %d closed with %d %q, want connection %d with 1008 %q",
			c.name, l.Connection, l.Closed, l.Reason, connection, reason)
	}
}

// TestADriverWithoutATokenStands, whether the token is revoked or expires: the bot has no line that stops it, the last will does.
func TestADriverWithoutATokenStands(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i, reason := range []string{"token revoked", "token expired"} {
		t.Run(reason, func(t *testing.T) {
			d := s.on(t).start("drive.js", s.latch.URL)
			lives := soon
			if reason == "token revoked" {
				lives = 0
			}
			token := d.s.token(reason, lives)
			d.opens(token)
			d.next("Session")
			d.drives(40)
			if reason == "token revoked" {
				if n := d.s.revoke(reason); n != 1 {
					t.Errorf("%d streams ended, want 1", n)
				}
			}
			d.closes(1, reason)
			d.s.becomes("stands still", stands(i+1))

			d.opens(token)
			if l := d.next("Refused"); l.Refused != 401 || l.Challenge == "" {
				t.Errorf("the next attempt: %d, challenge %q", l.Refused, l.Challenge)
			}
			if now := d.s.state(); !stands(i + 1)(now) {
				t.Errorf("refused, but the rover is at %+v", now)
			}
		})
	}
}

// TestTheLastDriverLeavesTheWill, and no other: who is revoked beside another driver must not stop that one.
func TestTheLastDriverLeavesTheWill(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ana, ben := s.start("drive.js", s.latch.URL), s.start("drive.js", s.latch.URL)
	ana.opens(s.token("ana", 0))
	ana.next("Session")
	ben.opens(s.token("ben", 0))
	ben.next("Session")
	ana.drives(20)
	ben.drives(30)

	s.revoke("ana")
	ana.closes(1, "token revoked")
	s.becomes("one driver", func(now state) bool { return now.Drivers == 1 })
	ben.drives(31)
	if now := s.state(); now.Left != 31 || now.Stops != 0 {
		t.Errorf("the other driver is left, but the rover is at %+v", now)
	}
	s.revoke("ben")
	ben.closes(1, "token revoked")
	s.becomes("stands still", stands(1))

	ana.opens(s.token("cy", 0))
	ana.next("Session")
	ben.opens(s.token("cy", 0))
	ben.next("Session")
	ben.drives(50)
	if n := s.revoke("cy"); n != 2 {
		t.Errorf("%d streams ended, want 2", n)
	}
	ana.closes(2, "token revoked")
	ben.closes(2, "token revoked")
	s.becomes("stands still", stands(2))
	s.latch.Stop() // waits for what is still to be sent
	if now := s.state(); !stands(2)(now) {
		t.Errorf("two last wills are enough, but the rover is at %+v", now)
	}
}
