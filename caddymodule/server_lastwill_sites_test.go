package caddymodule_test

import (
	"strings"
	"testing"
)

// twoSites are the same rules on two ports of one host, each before a bot of its own.
const twoSites = `http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow WS /drive scope drive {
			last_will POST /stop
		}
	}
	reverse_proxy {$BOT}
}

http://127.0.0.1:{$TLS_PORT} {
	bind 127.0.0.1
	botlatch {
		allow WS /drive scope drive {
			last_will POST /stop
		}
	}
	reverse_proxy {$OTHER_BOT}
}
`

// twoPrefixes are the same rules behind two prefixes, which the latch does not see.
const twoPrefixes = `http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	handle_path /one/* {
		botlatch {
			allow WS /drive scope drive {
				last_will POST /stop
			}
		}
		reverse_proxy {$BOT}
	}
	handle_path /other/* {
		botlatch {
			allow WS /drive scope drive {
				last_will POST /stop
			}
		}
		reverse_proxy {$OTHER_BOT}
	}
}
`

// TestDriversOfAnotherBotKeepNoWillBack, although site, rule and path read the same.
func TestDriversOfAnotherBotKeepNoWillBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sites, one, other string }{
		"ok/two ports":    {twoSites, "", ""},
		"ok/two prefixes": {twoPrefixes, "/one", "/other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := startRoverBot(t)
			s := newRoverStage(t, c.sites, "OTHER_BOT="+other.address)
			elsewhere := s.latch.URL
			if c.other == "" {
				elsewhere = strings.Replace(s.latch.TLSURL, "https://localhost", "http://127.0.0.1", 1)
			}
			one := s.drive(t, c.one+"/drive", s.driver(t, "ana"))
			two := s.driveAt(t, elsewhere+c.other+"/drive", s.driver(t, "ben"), nil)
			_ = one.CloseNow()
			s.wantStop(t, "POST /stop")
			if n := len(other.orders("POST /stop")); n != 0 {
				t.Fatalf("the other bot was stopped, %d times", n)
			}
			_ = two.CloseNow()
			eventually(t, "the other one was stopped", func() bool { return len(other.orders("POST /stop")) == 1 })
			s.wantOrders(t, map[string]int{"POST /stop": 1})
		})
	}
}
