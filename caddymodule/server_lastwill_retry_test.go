package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const stopOne = "POST /rovers/1/stop"

// leaveOne has a driver come and go.
func (s *roverStage) leaveOne(t *testing.T) {
	t.Helper()
	_ = s.drive(t, "/rovers/1/drive", s.driver(t, "hushed")).CloseNow()
}

// answerFirst answers the first n orders so.
func answerFirst(n, status int) func(http.ResponseWriter, order) {
	return func(w http.ResponseWriter, o order) {
		if o.nth <= n {
			if status >= 300 && status < 400 {
				w.Header().Set("Location", "/rovers/1/stop/")
			}
			w.WriteHeader(status)
		}
	}
}

// TestALastWillIsTriedUntilTheBotTakesIt.
func TestALastWillIsTriedUntilTheBotTakesIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, order)
		tries  int
	}{
		"ok/500 twice":                {answerFirst(2, http.StatusInternalServerError), 3},
		"ok/404 once":                 {answerFirst(1, http.StatusNotFound), 2},
		"ok/it lies elsewhere":        {answerFirst(1, http.StatusMovedPermanently), 2},
		"ok/it lies elsewhere, 308":   {answerFirst(1, http.StatusPermanentRedirect), 2},
		"ok/done, and look there":     {answerFirst(1, http.StatusSeeOther), 1},
		"ok/done, and nothing to say": {answerFirst(1, http.StatusNoContent), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRoverStage(t, roverSite)
			s.bot.answers(c.answer)
			s.leaveOne(t)
			eventually(t, "the last will was taken", func() bool { return s.wills(t, "success") == 1 })
			stops := s.bot.orders(stopOne)
			for i := 1; i < len(stops); i++ {
				if pause := stops[i].at.Sub(stops[i-1].at); pause < 400*time.Millisecond {
					t.Errorf("try %d came after %s", i+1, pause)
				}
			}
			s.wantOrders(t, map[string]int{stopOne: c.tries})
		})
	}
}

// TestALastWillReachesABotThatComesBack, whatever the proxy thinks of it meanwhile.
func TestALastWillReachesABotThatComesBack(t *testing.T) {
	t.Parallel()
	for name, proxy := range map[string]string{
		"ok/plain":                 "reverse_proxy {$BOT}",
		"ok/passive health checks": "reverse_proxy {$BOT} {\n\t\tfail_duration 1s\n\t}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRoverStage(t, strings.Replace(roverSite, "reverse_proxy {$BOT}", proxy, 1))
			_ = s.drive(t, "/rovers/1/drive", s.driver(t, "hushed"))
			s.bot.down()
			time.Sleep(3 * time.Second) // that is the case, not a wait
			s.bot.up(t)
			eventually(t, "the last will was taken", func() bool { return s.wills(t, "success") == 1 })
			s.wantOrders(t, map[string]int{stopOne: 1})
		})
	}
}

// TestALastWillIsGivenUp after ten seconds, and that is said.
func TestALastWillIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, roverSite)
	_ = s.drive(t, "/rovers/1/drive", s.driver(t, "hushed"))
	began := time.Now()
	s.bot.down()
	eventually(t, "the last will was given up", func() bool { return s.wills(t, "failure") == 1 })
	if took := time.Since(began); took < 8*time.Second || took > 13*time.Second {
		t.Errorf("given up after %s", took)
	}
	if s.logged(`"level":"warn"`, "last will not sent", `"rule":"allow WS /rovers/*/drive"`, `"tries":`) != 1 {
		t.Errorf("not said:\n%s", s.latch.Log())
	}
	if s.logged("hushed") > 0 {
		t.Errorf("the log names the driver:\n%s", s.latch.Log())
	}
}

// TestABotThatHangsGetsTwoSecondsATry, and a pool does not take it for dead: the next try reaches it.
func TestABotThatHangsGetsTwoSecondsATry(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, strings.Replace(roverSite, "reverse_proxy {$BOT}", "reverse_proxy {$BOT} {\n\t\tfail_duration 1m\n\t}", 1))
	s.bot.answers(func(_ http.ResponseWriter, o order) {
		if o.nth == 1 {
			<-o.ended
		}
	})
	s.leaveOne(t)
	eventually(t, "the last will was taken", func() bool { return s.wills(t, "success") == 1 })
	stops := s.bot.orders(stopOne)
	if len(stops) != 2 {
		t.Fatalf("%d tries", len(stops))
	}
	if pause := stops[1].at.Sub(stops[0].at); pause < 2*time.Second || pause > 4*time.Second {
		t.Errorf("tried again after %s", pause)
	}
}

// TestANewDriverEndsTheTrying: it drives now, and leaves a will of its own.
func TestANewDriverEndsTheTrying(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, roverSite)
	s.bot.answers(func(w http.ResponseWriter, _ order) { w.WriteHeader(http.StatusServiceUnavailable) })
	s.leaveOne(t)
	s.wantStop(t, stopOne)
	next := s.drive(t, "/rovers/1/drive", s.driver(t, "ben"))
	eventually(t, "the trying ended", func() bool { return s.wills(t, "failure") == 1 })
	tries := len(s.bot.orders(stopOne))
	if tries > 2 {
		t.Errorf("%d tries", tries)
	}
	s.bot.answers(nil)
	_ = next.CloseNow()
	eventually(t, "the new driver's will was taken", func() bool { return s.wills(t, "success") == 1 })
	s.wantOrders(t, map[string]int{stopOne: tries + 1})
}

// TestNobodyWaitsForTheAnswerToALastWill: the body of the event stream ends at once.
func TestNobodyWaitsForTheAnswerToALastWill(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, roverSite)
	s.bot.answers(func(_ http.ResponseWriter, o order) { <-o.ended })
	res, _ := s.watch(t, http.DefaultClient, s.latch.URL+"/rovers/1/events", s.driver(t, "ana"))
	s.revoke(t, "ana")
	began := time.Now()
	for b := make([]byte, 1<<10); ; {
		if _, err := res.Body.Read(b); err != nil {
			break
		}
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("the body ended %s after the revocation", took)
	}
	s.wantStop(t, stopOne)
}
