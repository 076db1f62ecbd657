package rover_test

import "testing"

// TestARevokedPilotStaysAway, whatever socket.io tries, and is known again with a new token.
func TestARevokedPilotStaysAway(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	stops := 0
	for name, c := range map[string]struct {
		transports, first, why string
		upgrades               bool
		code                   int
		wills                  int // of a poll there is none: the rover sees its line break
	}{
		"upgraded":       {"polling,websocket", "polling", "transport close", true, 1008, 1},
		"polling alone":  {"polling", "polling", "transport error", false, 0, 0},
		"WebSocket only": {"websocket", "websocket", "transport close", false, 1008, 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := s.on(t).start("pilot.js", s.latch.URL, c.transports)
			p.opens(p.s.token(name, 0))
			if l := p.next("Connected"); l.Connected != c.first || l.Recovered {
				t.Errorf("connected: %+v", l)
			}
			if c.upgrades {
				p.next("Upgraded")
			}
			p.drives(60)
			p.s.becomes("waits for orders", func(now state) bool { return now.Reachable == 1 })
			if n := p.s.revoke(name); n < 1 { // more when the last poll has not quite ended
				t.Errorf("%d streams ended", n)
			}
			if l := p.next("Disconnected"); l.Disconnected != c.why || l.Code != c.code || c.code != 0 && l.Reason != "token revoked" {
				t.Errorf("disconnected: %+v", l)
			}
			stops += c.wills
			p.s.becomes("stands still", stands(stops))
			for range 2 { // it comes back by itself, again and again
				if l := p.next("Refused"); l.Refused != 401 {
					t.Errorf("the next attempt: %d", l.Refused)
				}
			}
			if now := p.s.state(); !stands(stops)(now) {
				t.Errorf("refused, but the rover is at %+v", now)
			}

			p.opens(p.s.token(name+", renewed", 0))
			if l := p.next("Connected"); l.Connected != c.first || !l.Recovered {
				t.Errorf("with a new token: %+v", l)
			}
			if c.upgrades {
				p.next("Upgraded")
			}
			p.drives(70)
			p.s.becomes("waits for orders", func(now state) bool { return now.Reachable == 1 })
			_ = p.orders.Close()
			stops += c.wills
			p.s.becomes("stands still", stands(stops))
		})
	}
}
