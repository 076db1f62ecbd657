package rover_test

import (
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

const poll = "/socket.io/?EIO=4&transport=polling"

// handshake is what a WebSocket begins with.
var handshake = []string{
	"--http1.1", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13",
	"-H", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
}

// TestWhoMayOnlyWatchDoesNotDrive, by none of the ways in.
func TestWhoMayOnlyWatchDoesNotDrive(t *testing.T) {
	t.Parallel()
	latchtest.Need(t, "curl")
	s := newStage(t)
	mint := func(scope string) string {
		return s.key.Mint(t, issue.Token{Issuer: "me", Subject: "zoe", Audience: []string{"rover"}, Scope: []string{scope}})
	}
	watch, drive, nobody := mint("watch"), mint("drive"), "none"
	for name, c := range map[string]struct {
		token, path, status string
		args                []string
	}{
		"ok/state":                  {watch, "/state", "200", nil},
		"deny/OPTIONS":              {watch, "/state", "403", []string{"-X", "OPTIONS"}},
		"deny/drive":                {watch, "/drive", "403", handshake},
		"deny/drive, nobody":        {nobody, "/drive", "401", handshake},
		"deny/drive without a WS":   {drive, "/drive", "403", nil},
		"deny/socket.io, WebSocket": {watch, "/socket.io/?EIO=4&transport=websocket", "403", handshake},
		"deny/socket.io, poll":      {watch, poll, "403", nil},
		"deny/socket.io, POST":      {watch, poll, "403", []string{"-d", "40"}},
		"deny/socket.io, HEAD":      {watch, poll, "403", []string{"-I"}},
		"deny/socket.io, nobody":    {nobody, poll, "401", nil},
		"deny/socket.io, no slash":  {drive, strings.Replace(poll, "/?", "?", 1), "400", nil},
		"deny/stop":                 {watch, "/stop", "403", []string{"-X", "POST"}},
		"deny/stop by GET":          {drive, "/stop", "403", nil},
		"deny/route":                {watch, "/route", "403", []string{"-X", "PUT", "-d", "north\n"}},
		"deny/camera to a driver":   {drive, "/camera", "403", nil},
		"deny/HTTP/2 by an upgrade": {watch, "/state", "400", []string{"--http2"}},
		"deny/telemetry, nobody":    {nobody, "/telemetry", "401", []string{"-I"}},
	} {
		t.Run(name, func(t *testing.T) {
			run := s.on(t).curl(c.token, append(c.args, s.latch.URL+c.path)...)
			if code, answer := run.ends(); code != 0 || !strings.HasPrefix(answer, c.status+" ") {
				t.Errorf("exit code %d, answer %s, want %s", code, answer, c.status)
			}
			if now := s.on(t).state(); now != (state{}) {
				t.Errorf("the rover is at %+v", now)
			}
		})
	}
}

// TestHEADKeepsNobodyWaiting: Express answers it with the header of a stream and does not end, and what came next on that
// connection would not be answered. So no connection to the rover is used twice.
func TestHEADKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	latchtest.Need(t, "curl")
	s := newStage(t)
	for i := range 3 {
		if code, answer := s.curl(s.token("ana", 0), "-I", s.latch.URL+"/telemetry").ends(); code != 0 || answer != "200 HTTP/1.1" {
			t.Fatalf("exit code %d, answer %s", code, answer)
		}
		began := time.Now()
		if code, answer := s.curl(s.token("ana", 0), "-m", "10", "-X", "POST", s.latch.URL+"/stop").ends(); code != 0 {
			t.Fatalf("stop %d: exit code %d, answer %s after %s", i, code, answer, time.Since(began))
		}
	}
	if now := s.state(); now.Stops != 3 {
		t.Errorf("the rover is at %+v", now)
	}
}
