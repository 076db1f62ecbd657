// Package nodebot_test runs the tutorial's bot and its clients, in Node, on both sides of the real latch.
package nodebot_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }

// Pins of the board.
const (
	arm  = 9
	bolt = 10
	led  = 13
)

// The challenges of these sites, whose rules ask for no scope.
const (
	bare        = `Bearer realm="botlatch"`
	notAccepted = bare + `, error="invalid_token", error_description="The access token is not accepted"`
	expired     = bare + `, error="invalid_token", error_description="The access token expired"`
	misplaced   = bare + `, error="invalid_request", error_description="Tokens are not accepted there; send one in the Authorization field"`
)

func TestTheTutorialsBotBehindTheLatch(t *testing.T) {
	t.Parallel()
	s := newStage(t, "simulated")
	t.Run("ok", s.allows)
	t.Run("deny", s.denies)
	t.Run("ok/afterwards", func(t *testing.T) { s.allow(t, "secret", "GET /servo/30", &line{Pin: arm, Width: 900}) })
	t.Run("without the latch", s.believes)
}

// allows lets clients with the tokens of the tutorials do what the bot can do.
func (s *stage) allows(t *testing.T) {
	s.allow(t, "secret", "GET /servo/45", &line{Pin: arm, Width: 1050})
	s.allow(t, "key", "GET /servo/135", &line{Pin: arm, Width: 1950})
	s.allow(t, "key", "HEAD /servo/130", &line{Pin: arm, Width: 1900}) // Express acts on HEAD as on GET
	s.allow(t, "secret", "GET /door/unlock", &line{Pin: bolt, Width: 600})
	s.allow(t, "key", "GET /door/lock", &line{Pin: bolt, Width: 1500})
	s.allow(t, "key", "GET /led/on", &line{Pin: led, High: true})
	for _, site := range []string{"secret", "key"} {
		if got, want := s.allow(t, site, "GET /status", nil), `{"degrees":130,"locked":true,"led":true,"celsius":21}`; got != want {
			t.Errorf("%s: %s, want %s", site, got, want)
		}
	}
}

// allow asserts that the client's request, a method and a path, reaches the bot once, and what its simulated board is told.
// It returns the body.
func (s *stage) allow(t *testing.T, site, request string, act *line) string {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	var got []answer
	requests, acts := s.bot.during(t, func() { got = s.node(t, "client.js", site, path, method) })
	if len(got) != 1 || got[0].Status != 200 || got[0].Challenge != "" {
		t.Fatalf("%s %s: %+v", site, request, got)
	}
	if !slices.Equal(requests, []string{request}) {
		t.Errorf("%s %s: the bot got %q", site, request, requests)
	}
	var want []line
	if act != nil {
		want = []line{*act}
	}
	if !slices.Equal(acts, want) {
		t.Errorf("%s %s: acts %+v, want %+v", site, request, acts, want)
	}
	return got[0].Body
}

// refusal is what a hostile request is answered, and what it is counted as.
type refusal struct {
	status    int
	challenge string
	reason    string
}

// refusals has a row for each request of hostile.js.
var refusals = map[string]refusal{
	"no token":                        {401, bare, "no_credentials"},
	"no token, HEAD":                  {401, bare, "no_credentials"},
	"wrong key":                       {401, notAccepted, "bad_signature"},
	"alg none":                        {401, notAccepted, "malformed_token"},
	"alg none, signature of another":  {401, notAccepted, "malformed_token"},
	"HS256 with the public key":       {401, notAccepted, "bad_signature"},
	"HS256 with the public key (key)": {401, notAccepted, "unknown_key"}, // the site takes no HMAC at all
	"expired":                         {401, expired, "expired"},
	"no expiry":                       {401, notAccepted, "malformed_token"},
	"a year":                          {401, notAccepted, "lives_too_long"},
	"ID token":                        {401, notAccepted, "wrong_profile"},
	"for another bot":                 {401, notAccepted, "wrong_audience"},
	"Basic":                           {401, bare, "no_credentials"},
	"in the query":                    {400, misplaced, "misplaced_credentials"},
	"capitals":                        {400, "", "ambiguous_target"},
	"escaped":                         {400, "", "ambiguous_target"},
	"slash at the end":                {400, "", "ambiguous_target"},
	"another user at the door":        {403, "", "claim_not_met"},
	"another user at the door, HEAD":  {403, "", "claim_not_met"},
	"POST":                            {403, "", "no_rule"},
	"no rule":                         {403, "", "no_rule"},
}

// denies runs every hostile request at both latches; none may reach the bot, and each is refused for its own reason.
func (s *stage) denies(t *testing.T) {
	var got []answer
	requests, acts := s.bot.during(t, func() { got = s.node(t, "hostile.js") })
	if len(requests)+len(acts) != 0 {
		t.Errorf("the bot got %q and did %+v", requests, acts)
	}
	asked, reasons := make(map[string]bool), make(map[string]int)
	for _, a := range got {
		want, known := refusals[a.Name+" ("+a.Site+")"]
		if !known {
			want, known = refusals[a.Name]
		}
		if !known || asked[a.Name+a.Site] {
			t.Errorf("%s at %s is no row of the table, or came twice", a.Name, a.Site)
		}
		asked[a.Name+a.Site] = true
		reasons[want.reason]++
		if a.Status != want.status || a.Challenge != want.challenge || a.Type != "application/problem+json" {
			t.Errorf("%s at %s: %+v, want %+v", a.Name, a.Site, a, want)
		}
	}
	if len(asked) != 2*(len(refusals)-1) {
		t.Errorf("%d requests, want each of the table at both latches", len(asked))
	}
	_, metrics := s.latch.Ask(t, "GET", "/metrics", "")
	for reason, n := range reasons {
		if want := fmt.Sprintf("botlatch_requests_total{outcome=\"deny\",reason=%q} %d\n", reason, n); !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

// spellings are requests that move the arm when the bot gets them, and the widths that they make.
var spellings = []struct {
	request string
	width   int
}{
	{"GET /servo/90", 1500},
	{"GET /SERVO/9", 690},
	{"GET /servo/80/", 1400},
	{"GET /servo/%39", 690},
	{"HEAD /servo/70", 1300},
}

// believes shows that the hostile requests would have acted: the bot takes whoever asks, and three spellings for one path.
func (s *stage) believes(t *testing.T) {
	for _, c := range spellings {
		method, path, _ := strings.Cut(c.request, " ")
		var status int
		_, acts := s.bot.during(t, func() { status = s.bot.ask(t, method, path) })
		if status != 200 || !slices.Equal(acts, []line{{Pin: arm, Width: c.width}}) {
			t.Errorf("%s: status %d, acts %+v", c.request, status, acts)
		}
	}
}

// TestLockHasNoAddresses keeps the lock file free of download addresses, so that any registry will do.
func TestLockHasNoAddresses(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) || !strings.Contains(string(lock), `"integrity"`) {
		t.Error("package-lock.json: resolved addresses, or no integrity; npm must read the .npmrc of this folder")
	}
}
