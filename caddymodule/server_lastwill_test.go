package caddymodule_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// endings are the ways in which a stream ends. Each gets the path of a rover of its own, whose subject is who drives.
var endings = map[string]func(t *testing.T, s *roverStage, rover string){
	"closes well": func(t *testing.T, s *roverStage, rover string) {
		c := s.drive(t, "/rovers/"+rover+"/drive", s.driver(t, rover))
		if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Error(err)
		}
	},
	"drops the connection": func(t *testing.T, s *roverStage, rover string) {
		_ = s.drive(t, "/rovers/"+rover+"/drive", s.driver(t, rover)).CloseNow()
	},
	"is killed": func(t *testing.T, s *roverStage, rover string) {
		startClient(t, s.latch.URL+"/rovers/"+rover+"/drive", s.driver(t, rover)).kill(t)
	},
	"is killed while the bot talks": func(t *testing.T, s *roverStage, rover string) {
		startClient(t, s.latch.URL+"/rovers/"+rover+"/drive", s.driver(t, rover), "talk").kill(t)
	},
	"is killed before a bot that does not look": func(t *testing.T, s *roverStage, rover string) {
		startClient(t, s.latch.URL+"/rovers/"+rover+"/drive", s.driver(t, rover), "deaf").kill(t)
	},
	"expires": func(t *testing.T, s *roverStage, rover string) {
		c := s.drive(t, "/rovers/"+rover+"/drive", s.driverFor(t, rover, 2e9))
		wantClose(t, c, "1008 token expired")
	},
	"is revoked": func(t *testing.T, s *roverStage, rover string) {
		c := s.drive(t, "/rovers/"+rover+"/drive", s.driver(t, rover))
		s.revoke(t, rover)
		wantClose(t, c, "1008 token revoked")
	},
	"is ended by the operator": func(t *testing.T, s *roverStage, rover string) {
		c := s.drive(t, "/rovers/"+rover+"/drive", s.driver(t, rover))
		s.endByHand(t, rover)
		wantClose(t, c, "1008 ended by operator")
	},
	"lasts too long": func(t *testing.T, s *roverStage, rover string) {
		wantClose(t, s.drive(t, "/short/"+rover+"/drive", s.driver(t, rover)), "1008 stream limit")
	},
	"hears the bot hang up": func(t *testing.T, s *roverStage, rover string) {
		c := s.drive(t, "/rovers/"+rover+"/drive", s.driver(t, rover))
		say(t, c, "bye")
		wantClose(t, c, "1000 ")
	},
	"sees the bot break off": func(t *testing.T, s *roverStage, rover string) {
		c := s.drive(t, "/rovers/"+rover+"/drive", s.driver(t, rover))
		say(t, c, "break")
		if _, _, err := c.Read(t.Context()); err == nil {
			t.Error("the bot still talks")
		}
	},
	"leaves the events": func(t *testing.T, s *roverStage, rover string) {
		_, leave := s.watch(t, http.DefaultClient, s.latch.URL+"/rovers/"+rover+"/events", s.driver(t, rover))
		leave()
	},
	"is killed with events": func(t *testing.T, s *roverStage, rover string) {
		startClient(t, s.latch.URL+"/rovers/"+rover+"/chatter", s.driver(t, rover)).kill(t)
	},
	"hears events and is revoked": func(t *testing.T, s *roverStage, rover string) {
		res, _ := s.watch(t, http.DefaultClient, s.latch.URL+"/rovers/"+rover+"/chatter", s.driver(t, rover))
		s.revoke(t, rover)
		for b := make([]byte, 1<<10); ; {
			if _, err := res.Body.Read(b); err != nil {
				return
			}
		}
	},
}

// wantClose reads until the WebSocket is closed, with code and reason.
func wantClose(t *testing.T, c *websocket.Conn, want string) {
	t.Helper()
	if code, reason, _ := readClose(t, c); fmt.Sprint(int(code), " ", reason) != want {
		t.Errorf("closed with %d %s, want %s", code, reason, want)
	}
}

// endByHand ends the stream of a subject.
func (s *roverStage) endByHand(t *testing.T, subject string) {
	t.Helper()
	_, text := s.latch.Ask(t, http.MethodGet, "/botlatch/streams", "")
	var list struct {
		Streams []struct {
			ID  uint64 `json:"id"`
			Sub string `json:"sub"`
		} `json:"streams"`
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	for _, open := range list.Streams {
		if open.Sub == subject {
			if status, answer := s.latch.Ask(t, http.MethodDelete, fmt.Sprintf("/botlatch/streams?id=%d", open.ID), ""); status != http.StatusOK {
				t.Fatalf("%d %s", status, answer)
			}
			return
		}
	}
	t.Fatalf("no stream of %s in %s", subject, text)
}

// TestTheBotIsToldToStopHoweverADriverGoes: once, and each rover its own. Nothing that names the driver is logged.
func TestTheBotIsToldToStopHoweverADriverGoes(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, roverSite)
	want := make(map[string]int)
	t.Run("ok", func(t *testing.T) {
		n := 0
		for name, end := range endings {
			n++
			rover := fmt.Sprintf("hushed-%d", n)
			stop := "POST /rovers/" + rover + "/stop"
			if name == "lasts too long" {
				stop = "POST /short/" + rover + "/stop"
			}
			want[stop] = 1
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				end(t, s, rover)
				s.wantStop(t, stop)
			})
		}
	})
	eventually(t, "every will is counted", func() bool { return s.wills(t, "success") == len(endings) })
	if n := s.wills(t, "failure"); n != 0 {
		t.Errorf("%d last wills failed", n)
	}
	if n := s.logged("last will sent", `"rule":"allow WS /rovers/*/drive"`); n == 0 {
		t.Errorf("no last will in the log:\n%s", s.latch.Log())
	}
	s.wantOrders(t, want)
	if strings.Contains(s.latch.Log(), `"last will sent","sub`) || s.logged("http.handlers.botlatch", "hushed") > 0 {
		t.Errorf("the log names a driver:\n%s", s.latch.Log())
	}
}

// TestOnlyTheLastDriverLeavesAWill, of a rule and a path: an event stream of the same rover has its own.
func TestOnlyTheLastDriverLeavesAWill(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, roverSite)
	const stop = "POST /rovers/1/stop"
	first, second := s.drive(t, "/rovers/1/drive", s.driver(t, "ana")), s.drive(t, "/rovers/1/drive", s.driver(t, "ben"))
	other := s.drive(t, "/rovers/2/drive", s.driver(t, "cleo"))
	_ = first.CloseNow()
	eventually(t, "the first has gone", func() bool { return s.streams(t) == 2 })
	_ = other.CloseNow() // what the latch sends now comes behind what it would have sent before
	s.wantStop(t, "POST /rovers/2/stop")
	if n := len(s.bot.orders(stop)); n != 0 {
		t.Fatalf("stopped under the hands of the second driver, %d times", n)
	}
	_ = second.CloseNow()
	s.wantStop(t, stop)
	s.wantOrders(t, map[string]int{stop: 1, "POST /rovers/2/stop": 1})
}

// TestAfterTheVeryLastDriverComesAStop, however many come and go at a time.
func TestAfterTheVeryLastDriverComesAStop(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, roverSite)
	rovers := map[string]struct{ drivers, times int }{"one": {1, 60}, "two": {2, 60}, "fifty": {50, 6}}
	t.Run("ok", func(t *testing.T) {
		for rover, c := range rovers {
			t.Run(rover, func(t *testing.T) {
				t.Parallel()
				token := s.driver(t, "ana")
				var work sync.WaitGroup
				for range c.drivers {
					work.Go(func() {
						for range c.times {
							if !comeAndGo(t, s.latch.URL+"/rovers/"+rover+"/drive", token) {
								return
							}
						}
					})
				}
				work.Wait()
			})
		}
	})
	eventually(t, "all have gone", func() bool { return s.streams(t) == 0 })
	s.latch.Stop()
	for rover, c := range rovers {
		stops, opened := s.bot.orders("POST /rovers/"+rover+"/stop"), s.bot.lastOpened("/rovers/"+rover+"/drive")
		if len(stops) == 0 || len(stops) > c.drivers*c.times {
			t.Fatalf("%s: %d stops of %d drivers", rover, len(stops), c.drivers*c.times)
		}
		if !stops[len(stops)-1].at.After(opened) {
			t.Errorf("%s: no stop behind the last driver", rover)
		}
		t.Logf("%s: %d stops of %d drivers", rover, len(stops), c.drivers*c.times)
	}
}

func comeAndGo(t *testing.T, url, token string) bool {
	c, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
	if err != nil {
		t.Error(err)
		return false
	}
	_ = c.CloseNow()
	return true
}
