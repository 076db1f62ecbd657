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

// The challenges of these sites, whose rules ask for no scope.
const (
	bare        = `Bearer realm="botlatch"`
	notAccepted = bare + `, error="invalid_token", error_description="The access token is not accepted"`
	expired     = bare + `, error="invalid_token", error_description="The access token expired"`
	misplaced   = bare + `, error="invalid_request", error_description="Tokens are accepted in the Authorization field only"`
)

func TestTheTutorialsBotBehindTheLatch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	t.Run("ok", s.allows)
	t.Run("deny", s.denies)
	t.Run("ok/afterwards", func(t *testing.T) { s.allow(t, "secret", "/servo/30", &line{Servo: "arm", Degrees: 30, Acts: 3}) })
	t.Run("without the latch", s.believes)
}

// allows lets clients with the tokens of the tutorials do what the bot can do.
func (s *stage) allows(t *testing.T) {
	s.allow(t, "secret", "/servo/45", &line{Servo: "arm", Degrees: 45, Acts: 1})
	s.allow(t, "key", "/servo/135", &line{Servo: "arm", Degrees: 135, Acts: 2})
	s.allow(t, "secret", "/door/unlock", &line{Servo: "bolt", Degrees: 0, Acts: 1})
	s.allow(t, "key", "/door/lock", &line{Servo: "bolt", Degrees: 90, Acts: 2})
	for _, site := range []string{"secret", "key"} {
		if got, want := s.allow(t, site, "/status", nil), `{"degrees":135,"locked":true,"celsius":21.5}`; got != want {
			t.Errorf("%s: %s, want %s", site, got, want)
		}
	}
}

// allow asserts that the client's request reaches the bot once, and what it does there. It returns the body.
func (s *stage) allow(t *testing.T, site, path string, act *line) string {
	t.Helper()
	var got []answer
	requests, acts := s.bot.during(t, func() { got = s.node(t, "client.js", site, path) })
	if len(got) != 1 || got[0].Status != 200 || got[0].Challenge != "" {
		t.Fatalf("%s %s: %+v", site, path, got)
	}
	if !slices.Equal(requests, []string{"GET " + path}) {
		t.Errorf("%s %s: the bot got %q", site, path, requests)
	}
	var want []line
	if act != nil {
		want = []line{*act}
	}
	if !slices.Equal(acts, want) {
		t.Errorf("%s %s: acts %+v, want %+v", site, path, acts, want)
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

// believes shows that the hostile requests would have acted: the bot takes whoever asks, and three spellings for one path.
func (s *stage) believes(t *testing.T) {
	for _, path := range []string{"/servo/90", "/SERVO/9", "/servo/%39", "/servo/90/", "/door/unlock"} {
		var status int
		_, acts := s.bot.during(t, func() { status = s.bot.ask(t, path) })
		if status != 200 || len(acts) != 1 {
			t.Errorf("%s: status %d, acts %+v", path, status, acts)
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
