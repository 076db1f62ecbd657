package rover_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/examples/uno/npm"
)

func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }

// patience bounds each wait, however busy the machine.
const patience = time.Minute

// program is the rover and its drivers.
var program = npm.Program{Source: os.DirFS(".")}

// overTLS is a second way to the same rover: HTTP/2 comes with TLS only.
const overTLS = `
https://localhost:{$TLS_PORT} {
	bind 127.0.0.1
	tls {$CERT} {$KEY}
	import rover
}
`

// stage is a rover, the latch of this folder's Caddyfile in front of it, and the key of its issuer.
type stage struct {
	t     *testing.T
	dir   string
	rover string // URL past the latch
	latch *latchtest.Latch
	key   latchtest.Key
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, dir: program.Install(t), key: latchtest.NewKey(t, jose.EdDSA)}
	text, err := os.ReadFile("Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	s.latch = latchtest.Prepare(t, strings.Replace(string(text), "{\n", "{\n\tauto_https disable_redirects\n", 1)+overTLS)
	s.rover = s.start("rover.js").next("Listening").Listening
	s.latch.Setenv("ROVER_SITE", s.latch.URL)
	s.latch.Setenv("ROVER_KEYS", s.key.File)
	s.latch.Setenv("ROVER_UPSTREAM", strings.TrimPrefix(s.rover, "http://"))
	s.latch.Setenv("ROVER_ADMIN", "unix/"+s.latch.Admin+"|0600")
	s.latch.Run()
	return s
}

// on is the same stage for a part of the test.
func (s *stage) on(t *testing.T) *stage {
	part := *s
	part.t = t
	return &part
}

// token is for a subject who may drive and watch, for whole seconds; 0: as long as tokens live.
func (s *stage) token(subject string, lives time.Duration) string {
	s.t.Helper()
	return s.key.Mint(s.t, issue.Token{
		Issuer: "me", Subject: subject, Audience: []string{"rover"}, Scope: []string{"drive", "watch"}, TTL: lives,
	})
}

// revoke revokes what a subject has by now, and returns how many streams that ended. Tokens of later are not meant.
func (s *stage) revoke(subject string) int {
	s.t.Helper()
	status, body := s.latch.Ask(s.t, http.MethodPost, "/botlatch/revocations", fmt.Sprintf(`{"kind":"subject","value":%q}`, subject))
	var answer struct {
		Streams int `json:"streams_ended"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		s.t.Fatalf("%d %s: %v", status, body, err)
	}
	return answer.Streams
}

// state is what the rover is doing.
type state struct {
	Left, Right, Stops, Waypoints        int
	Drivers, Pilots, Reachable, Arriving int
}

// state asks the rover itself, past the latch.
func (s *stage) state() (now state) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.rover+"/state", http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := (&http.Client{Timeout: patience}).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(&now); err != nil {
		s.t.Fatal(err)
	}
	return now
}

// becomes waits until the rover does what is wanted.
func (s *stage) becomes(what string, is func(state) bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		now := s.state()
		if is(now) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: not in %s; the rover is at %+v", what, patience, now)
		}
	}
}

// stands reports whether the motors stand still, as many last wills have come, and nobody drives any more.
func stands(stops int) func(state) bool {
	return func(now state) bool { return now == state{Stops: stops, Waypoints: now.Waypoints} }
}
