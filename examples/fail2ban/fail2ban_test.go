package fail2ban_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// somebody is an address that no client has: nobody may get it banned.
const somebody = "203.0.113.66"

// program is the path of one of fail2ban's programs.
func program(t *testing.T, name string) string {
	t.Helper()
	latchtest.Need(t, name)
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// failures are the addresses that fail2ban would count, one for each line that fits, in the order of the file.
func (s *stage) failures(t *testing.T) []string {
	t.Helper()
	filter, err := filepath.Abs("filter.d/botlatch.conf")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program(t, "fail2ban-regex"), "-o", "ip", s.denials, filter)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil && stderr.Len() > 0 { // it exits with 1 when no line fits
		t.Fatalf("%v\n%s%s", err, out, &stderr)
	}
	return strings.Fields(string(out))
}

// guesses are the requests of somebody who tries tokens, each from an address of its own.
func (s *stage) guesses(t *testing.T) map[string]request {
	t.Helper()
	other := issue.Token{Issuer: "you", Subject: "ana", Audience: []string{"bot"}, Scope: []string{"door:open"}}
	return map[string]request{
		"malformed_token": {from: "127.0.0.11", token: "aaaa.bbbb.cccc", status: 401},
		"unknown_issuer":  {from: "127.0.0.12", token: s.key.Mint(t, other), status: 401},
		"unknown_key":     {from: "127.0.0.13", token: latchtest.NewKey(t, jose.EdDSA).Mint(t, claims("door:open")), status: 401},
		"bad_signature":   {from: "127.0.0.14", token: s.forged(t), status: 401},
	}
}

func TestFail2banCountsGuessesAndNothingElse(t *testing.T) {
	t.Parallel()
	program(t, "fail2ban-regex")
	s := newStage(t)
	good := s.key.Mint(t, claims("door:open"))
	old, err := claims("door:open").Sign(s.key.SigningKey, time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := issue.Token{Issuer: "me", Subject: "ana", Audience: []string{"camera"}, Scope: []string{"door:open"}}
	for name, x := range map[string]request{
		"allowed":               {token: good, status: 200},
		"no_credentials":        {status: 401},
		"expired":               {token: old, status: 401},
		"wrong_audience":        {token: s.key.Mint(t, elsewhere), status: 401},
		"insufficient_scope":    {token: s.key.Mint(t, claims("observe")), status: 403},
		"no_rule":               {method: "GET", path: "/elsewhere", token: good, status: 403},
		"ambiguous_target":      {method: "GET", path: "/DOOR", token: good, status: 400},
		"misplaced_credentials": {method: "GET", path: "/door?access_token=" + good, status: 400},
	} {
		t.Run("ok/"+name, func(t *testing.T) {
			x.from = "127.0.0.10"
			s.send(t, x)
			if name != "allowed" {
				s.logged(t, name)
			}
		})
	}
	var want []string
	for name, x := range s.guesses(t) {
		t.Run("deny/"+name, func(t *testing.T) {
			s.send(t, x)
			s.logged(t, name)
			want = append(want, x.from)
		})
	}
	if got := s.failures(t); len(want) != 4 || !slices.Equal(got, want) {
		t.Errorf("fail2ban counts %v, want %v", got, want)
	}
}

// logged asserts that the last line of the file is of that reason.
func (s *stage) logged(t *testing.T, reason string) {
	t.Helper()
	text, err := os.ReadFile(s.denials)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if last := lines[len(lines)-1]; !strings.Contains(last, `"reason":"`+reason+`"`) {
		t.Errorf("the last line is not of %s: %s", reason, last)
	}
}

// TestFail2banCountsTheClientThatCaddySees has a proxy in front, which adds to what the client wrote.
func TestFail2banCountsTheClientThatCaddySees(t *testing.T) {
	t.Parallel()
	program(t, "fail2ban-regex")
	forwarded := func(s *stage, from string) request {
		return request{from: from, token: s.forged(t), status: 401, fields: http.Header{
			"X-Forwarded-For": {somebody + ", 198.51.100.4"}, "X-Real-Ip": {somebody}, "Forwarded": {"for=" + somebody},
		}}
	}
	for name, c := range map[string]struct {
		from, want string
		change     []string
	}{
		"behind the proxy": {proxy, "198.51.100.4", nil},
		"past the proxy":   {"127.0.0.9", "127.0.0.9", nil},
		// Why trusted_proxies_strict is in the Caddyfile.
		"without strict the client chooses": {proxy, somebody, []string{"\t\ttrusted_proxies_strict\n", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, c.change...)
			s.send(t, forwarded(s, c.from))
			if got := s.failures(t); !slices.Equal(got, []string{c.want}) {
				t.Errorf("fail2ban counts %v, want %s", got, c.want)
			}
		})
	}
}

func TestReportOnlyBansNobody(t *testing.T) {
	t.Parallel()
	program(t, "fail2ban-regex")
	s := newStage(t, "\tbotlatch {\n", "\tbotlatch {\n\t\tinsecure_report_only\n")
	for name, x := range s.guesses(t) {
		x.status = http.StatusOK
		s.send(t, x)
		s.logged(t, name)
	}
	if got := s.failures(t); len(got) != 0 {
		t.Errorf("fail2ban counts %v", got)
	}
}
