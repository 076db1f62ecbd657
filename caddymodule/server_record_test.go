package caddymodule_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

var counterLine = regexp.MustCompile(`(?m)^botlatch_requests_total\{outcome="(\w+)",reason="(\w+)"\} (\S+)$`)

// metrics is the text of /metrics, and of it the counters by outcome and reason.
func (s *stage) metrics(t *testing.T) (text string, counters map[string]string) {
	t.Helper()
	res, err := s.latch.AdminClient().Get("http://127.0.0.1/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	counters = make(map[string]string)
	for _, m := range counterLine.FindAllStringSubmatch(string(b), -1) {
		counters[m[1]+" "+m[2]] = m[3]
	}
	return string(b), counters
}

// line is what this test reads of a log line.
type line struct {
	Level    string
	Logger   string
	Msg      string
	Reason   string
	ClientIP string `json:"client_ip"`
	Rule     string
	Status   int
	Iss      string
}

// lines are those that the latch of the site wrote; of no part of Caddy may one be an error.
func (s *stage) lines(t *testing.T) (all []line) {
	t.Helper()
	for text := range strings.Lines(s.latch.Log()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Errorf("not a line of JSON: %s", text)
			continue
		}
		above := l.Level != "debug" && l.Level != "info"
		// The harness asks whether the latch is ready before it is.
		if above && l.Logger != "admin.api" && (l.Level != "warn" || l.Logger == "http.handlers.botlatch") {
			t.Errorf("a client's mistake is a line above INFO: %s", text)
		}
		if l.Logger == "http.handlers.botlatch" {
			all = append(all, l)
		}
	}
	return all
}

// TestEachDenialMovesOneCounterAndLeavesOneLine meets every reason once and reads what is left of it.
func TestEachDenialMovesOneCounterAndLeavesOneLine(t *testing.T) {
	t.Parallel()
	s := newReasonStage(t)
	client := &http.Client{Timeout: rawPatience}
	var bodies, tokens []string
	for reason, x := range s.reasons(t) {
		_, before := s.metrics(t)
		bodies = append(bodies, s.check(t, client, s.latch.URL, x))
		tokens = append(tokens, x.token, strings.TrimPrefix(x.fields.Get("Authorization"), "Bearer "))
		_, after := s.metrics(t)
		s.movedOnly(t, before, after, "deny "+reason)
	}
	for counter, x := range map[string]exchange{
		"allow public": {method: "GET", path: "/open", status: 200},
		"allow token":  {method: "GET", path: "/door", token: s.mint(t, "door:open"), status: 200},
	} {
		_, before := s.metrics(t)
		s.check(t, client, s.latch.URL, x)
		tokens = append(tokens, x.token)
		_, after := s.metrics(t)
		s.movedOnly(t, before, after, counter)
	}
	s.checkLines(t)
	text, _ := s.metrics(t)
	s.searchTokens(t, tokens, map[string]string{"the log": s.latch.Log(), "/metrics": text, "a body": strings.Join(bodies, "\n")})
}

// movedOnly asserts that one counter, which was there before, went from n to n+1 and no other moved.
func (s *stage) movedOnly(t *testing.T, before, after map[string]string, want string) {
	t.Helper()
	for counter, value := range after {
		old := before[counter]
		if old == "" {
			old = "0"
		}
		if (counter == want) != (value != old) {
			t.Errorf("%s: counter %q went from %s to %s", want, counter, old, value)
		}
	}
	if n, err := strconv.Atoi(before[want]); err != nil || after[want] != strconv.Itoa(n+1) {
		t.Errorf("counter %q went from %q to %q", want, before[want], after[want])
	}
}

// checkLines asserts one line for each reason, that says which and from where.
func (s *reasonStage) checkLines(t *testing.T) {
	t.Helper()
	found := make(map[string]line)
	for _, l := range s.lines(t) {
		if l.Reason == "" {
			continue
		}
		if _, twice := found[l.Reason]; twice {
			t.Errorf("two lines for %s", l.Reason)
		}
		found[l.Reason] = l
	}
	for reason, x := range s.reasons(t) {
		l, ok := found[reason]
		switch {
		case !ok:
			t.Errorf("no line for %s", reason)
		case l.Level != "info" || l.ClientIP != "127.0.0.1" || l.Status != x.status || !strings.Contains(l.Msg, reason):
			t.Errorf("%s: the line says %+v", reason, l)
		case x.path == "/door" && l.Rule != "allow * /door":
			t.Errorf("%s: rule %q", reason, l.Rule)
		case x.challenge == scopeNeeded && l.Iss != issuerName:
			t.Errorf("%s: iss %q", reason, l.Iss)
		}
	}
}

// searchTokens asserts that no segment of a token stands in a text, nor anything that looks like one.
func (s *stage) searchTokens(t *testing.T, tokens []string, texts map[string]string) {
	t.Helper()
	for where, text := range texts {
		if latchtest.ShowsToken(text) {
			t.Errorf("%s shows what looks like a token", where)
		}
		for _, token := range tokens {
			for segment := range strings.SplitSeq(token, ".") {
				if len(segment) > 10 && strings.Contains(text, segment) {
					t.Errorf("%s shows a segment of a token", where)
				}
			}
		}
	}
}

// TestFloodOfOneReasonIsSampled sends many requests of one reason: all are counted, few are logged, and another reason
// is not hidden.
func TestFloodOfOneReasonIsSampled(t *testing.T) {
	t.Parallel()
	s := newStage(t, protocolSites)
	client := &http.Client{Timeout: rawPatience}
	const flood = 300
	began := time.Now()
	for range flood {
		s.check(t, client, s.latch.URL, exchange{method: "POST", path: unlock, status: 401, challenge: bare})
	}
	s.check(t, client, s.latch.URL, exchange{method: "POST", path: unlock, token: s.mint(t, "observe"), status: 403, challenge: scopeNeeded})
	seconds := int(time.Since(began)/time.Second) + 2
	if _, counters := s.metrics(t); counters["deny no_credentials"] != "300" {
		t.Errorf("counted %s of %d", counters["deny no_credentials"], flood)
	}
	logged := make(map[string]int)
	for _, l := range s.lines(t) {
		logged[l.Reason]++
	}
	if n := logged["no_credentials"]; n < 10 || n > 10*seconds+flood/100 || n == flood {
		t.Errorf("%d lines for %d requests in %d s", n, flood, seconds)
	}
	if logged["insufficient_scope"] != 1 {
		t.Errorf("%d lines of another reason, want 1", logged["insufficient_scope"])
	}
}
