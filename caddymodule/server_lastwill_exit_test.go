package caddymodule_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheBotIsToldToStopWhenTheLatchEnds, before the process does, which takes no longer than six seconds.
func TestTheBotIsToldToStopWhenTheLatchEnds(t *testing.T) {
	t.Parallel()
	patiently := strings.Replace(options, "auto_https off", "auto_https off\n\tgrace_period 3s", 1)
	for name, c := range map[string]struct {
		options string
		end     func(t *testing.T, s *roverStage)
	}{
		"ok/SIGTERM":                  {options, func(_ *testing.T, s *roverStage) { s.latch.Stop() }},
		"ok/SIGTERM, grace_period":    {patiently, func(_ *testing.T, s *roverStage) { s.latch.Stop() }},
		"ok/caddy stop":               {options, stopByCommand},
		"ok/caddy stop, grace_period": {patiently, stopByCommand},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startRovers(t, c.options+roverSite)
			driver := s.drive(t, "/rovers/1/drive", s.driver(t, "ana"))
			_, _ = s.watch(t, http.DefaultClient, s.latch.URL+"/rovers/2/events", s.driver(t, "ana"))
			startClient(t, s.latch.URL+"/rovers/3/drive", s.driver(t, "ana"), "talk")
			began := time.Now()
			c.end(t, s)
			if took := time.Since(began); took > 6*time.Second {
				t.Errorf("ended after %s", took)
			}
			if code, _, _ := readClose(t, driver); code != 1001 {
				t.Errorf("closed with %d", code)
			}
			s.wantOrders(t, map[string]int{stopOne: 1, "POST /rovers/2/stop": 1, "POST /rovers/3/stop": 1})
		})
	}
}

func stopByCommand(t *testing.T, s *roverStage) {
	t.Helper()
	if _, stderr, code := s.latch.Command(t.Context(), "", "stop", "--config", filepath.Join(s.latch.Dir, "Caddyfile")); code != 0 {
		t.Fatalf("caddy stop: %d %s", code, stderr)
	}
	s.latch.Stop() // returns when it has gone
}

// TestABotThatHangsDoesNotKeepTheLatch: it was told, and the process ends without its answer.
func TestABotThatHangsDoesNotKeepTheLatch(t *testing.T) {
	t.Parallel()
	s := newRoverStage(t, roverSite)
	s.bot.answers(func(_ http.ResponseWriter, o order) { <-o.ended })
	_ = s.drive(t, "/rovers/1/drive", s.driver(t, "ana"))
	began := time.Now()
	s.latch.Stop()
	if took := time.Since(began); took > 8*time.Second { // five, and what a busy machine takes
		t.Errorf("ended after %s", took)
	}
	s.wantStop(t, stopOne)
}

// TestAReloadThatEndsADriveTellsTheBotOnce: Caddy closes WebSockets whenever it reloads, the latch those whose policy is gone.
func TestAReloadThatEndsADriveTellsTheBotOnce(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(string) string{
		"ok/same rules": func(site string) string { return site },
		"ok/another": func(site string) string {
			return strings.Replace(site, "WS /rovers/*/drive scope drive", "WS /rovers/*/drive scope other", 1)
		},
		"ok/stream_close_delay": func(site string) string {
			return strings.Replace(site, "reverse_proxy {$BOT}", "reverse_proxy {$BOT} {\n\t\tstream_close_delay 1h\n\t}", 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRoverStage(t, roverSite)
			driver := s.drive(t, "/rovers/1/drive", s.driver(t, "ana"))
			s.latch.Rewrite(options + change(roverSite))
			if _, stderr, code := s.latch.Command(t.Context(), "", "reload", "--force", "--config", filepath.Join(s.latch.Dir, "Caddyfile")); code != 0 {
				t.Fatalf("caddy reload: %d %s", code, stderr)
			}
			_, _, _ = readClose(t, driver)
			s.wantStop(t, stopOne)
			s.wantOrders(t, map[string]int{stopOne: 1})
		})
	}
}
