package caddymodule_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// drives asserts that a WebSocket of /ws still answers.
func drives(t *testing.T, c *websocket.Conn) {
	t.Helper()
	if err := c.Write(t.Context(), websocket.MessageText, []byte("on")); err != nil {
		t.Error(err)
	} else if _, message, err := c.Read(t.Context()); err != nil || string(message) != "on" {
		t.Errorf("%q, %v", message, err)
	}
}

// TestEachKindOfRevocationEndsStreams of whom it names, and of nobody else.
func TestEachKindOfRevocationEndsStreams(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, bothSites)
	sign := func(members string) string {
		return s.key.Sign(t, "at+jwt", fmt.Sprintf(`{"iss":%q,"aud":%q,"iat":%d,"exp":%d,"scope":"drive",%s}`,
			issuerName, audience, time.Now().Unix(), time.Now().Unix()+3600, members))
	}
	bystander := s.dial(t, "/ws", sign(`"sub":"zoe","jti":"z","sid":"z"`))
	if _, _, err := bystander.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	kid, unnamed := s.key.ID, sign(`"sub":"fay"`)
	for i, c := range []struct{ name, token, revocation string }{
		{"token", sign(`"sub":"ana","jti":"a"`), `{"kind":"token","value":"a"}`},
		{"fingerprint", unnamed, fmt.Sprintf(`{"token":%q}`, unnamed)},
		{"session", sign(`"sub":"ben","sid":"s"`), `{"kind":"session","value":"s"}`},
		{"subject", sign(`"sub":"cy"`), `{"kind":"subject","value":"cy"}`},
		{"key", sign(`"sub":"dan"`), fmt.Sprintf(`{"kind":"key","kid":%q}`, kid)},
		{"issuer", sign(`"sub":"eve"`), fmt.Sprintf(`{"kind":"issuer","iss":%q}`, issuerName)},
		{"all", sign(`"sub":"gil"`), `{"kind":"all","issued_before":"now"}`},
	} {
		streams := 2
		if c.name == "key" {
			drives(t, bystander) // it has outlived those before
			streams = 3
		}
		ws, events := closing(t, s.dial(t, "/ws", c.token)), ending(s.get(t, http.DefaultClient, "/events", c.token))
		began := time.Now()
		a := s.revoke(t, c.revocation)
		if a.Streams != streams || a.TookMS > 1000*atOnce.Seconds() {
			t.Errorf("%s: answer %+v, want %d", c.name, a, streams)
		}
		if e := await(t, ws); e.how != "1008 token revoked" {
			t.Errorf("%s: the WebSocket ended with %s", c.name, e.how)
		} else {
			soon(t, began, e.at)
		}
		if e := await(t, events); e.how != "EOF" {
			t.Errorf("%s: the events ended with %s", c.name, e.how)
		}
		s.refused(t, "/events", c.token, http.StatusUnauthorized)
		if i >= 4 && c.name != "all" {
			if status, answer := s.latch.Ask(t, http.MethodDelete, "/botlatch/revocations", c.revocation); status != http.StatusOK {
				t.Fatalf("%s: %d %s", c.name, status, answer)
			}
		}
	}
	if code, reason, _ := readClose(t, bystander); code != 1008 || reason != "token revoked" {
		t.Errorf("the bystander, whose key was revoked, ended with %d %s", code, reason)
	}
	s.over(t, "revoked", 15)
}

// TestAWebSocketEndsWhenItsTokenExpires, not sooner, and not much later.
func TestAWebSocketEndsWhenItsTokenExpires(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, bothSites)
	token := s.issued(t, "ana", 4*time.Second)
	other := s.dial(t, "/ws", s.driver(t, "ben", 0))
	if _, _, err := other.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	ws, talk := closing(t, s.dial(t, "/ws", token.Raw)), closing(t, s.dial(t, "/talk", token.Raw))
	for _, ended := range []<-chan end{ws, talk} {
		e := await(t, ended)
		if e.how != "1008 token expired" {
			t.Errorf("it ended with %s", e.how)
		}
		if e.at.Before(token.ExpiresAt) {
			t.Errorf("it ended %v before the token", token.ExpiresAt.Sub(e.at))
		}
		soon(t, token.ExpiresAt, e.at)
	}
	s.refused(t, "/events", token.Raw, http.StatusUnauthorized)
	drives(t, other)
	_ = other.CloseNow()
	s.over(t, "expired", 2)
}

// TestMaxStreamEndsAStream whose token lasts longer; one whose token is over sooner has expired.
func TestMaxStreamEndsAStream(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, `http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow WS /ws scope drive {
			max_stream 1s
		}
		allow GET /events scope drive {
			max_stream 1s
		}
		allow WS /talk scope drive {
			max_stream 1h
		}
		allow GET /quiet scope drive {
			max_stream 1h
		}
	}
	reverse_proxy {$BOT}
}
`)
	began := time.Now()
	long, short := s.driver(t, "ana", 0), s.issued(t, "ben", 4*time.Second)
	ends := map[string]<-chan end{
		"1008 stream limit": closing(t, s.dial(t, "/ws", long)), "EOF, limit": ending(s.get(t, http.DefaultClient, "/events", long)),
	}
	opened := time.Now()
	ends["1008 token expired"] = closing(t, s.dial(t, "/talk", short.Raw))
	ends["EOF, expired"] = ending(s.get(t, http.DefaultClient, "/quiet", short.Raw))
	for want, ended := range ends {
		e := await(t, ended)
		how, _, _ := strings.Cut(want, ",")
		first, last := began.Add(time.Second), opened.Add(time.Second)
		if strings.HasSuffix(want, "expired") {
			first, last = short.ExpiresAt, short.ExpiresAt
		}
		if e.how != how || e.at.Before(first) {
			t.Errorf("%s: it ended with %s, %v after it may", want, e.how, e.at.Sub(first))
		}
		soon(t, last, e.at)
	}
	s.over(t, "max_stream", 2)
	s.over(t, "expired", 2)
	if res := s.get(t, http.DefaultClient, "/events", long); res.StatusCode != http.StatusOK {
		t.Errorf("the limit is the stream's, not the token's: %d", res.StatusCode)
	}
}

// TestAnOperatorEndsOneStream, whose token stays good.
func TestAnOperatorEndsOneStream(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, bothSites)
	token := s.driver(t, "ana", 0)
	conn := s.dial(t, "/ws", token)
	ws, events := closing(t, conn), ending(s.get(t, http.DefaultClient, "/events", token))
	command := func(args ...string) string {
		t.Helper()
		out, errs, code := s.latch.Command(t.Context(), "", append(append([]string{"botlatch", "streams"}, args...), "--address", "unix/"+s.latch.Admin)...)
		if code != 0 {
			t.Fatalf("%v: exit code %d: %s", args, code, errs)
		}
		return out
	}
	ids := map[string]uint64{}
	for line := range strings.Lines(command("--json")) {
		var one struct {
			ID                               uint64
			Site, Rule, Path, Kind, Iss, Sub string
			Since, Expires                   time.Time
		}
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		if one.Sub != "ana" || one.Iss != issuerName || one.Rule == "" || one.Site == "" || one.Since.IsZero() || !one.Expires.After(one.Since) {
			t.Errorf("%s", line)
		}
		ids[one.Kind+" "+one.Path] = one.ID
	}
	if len(ids) != 2 || ids["websocket /ws"] == 0 || ids["event_stream /events"] == 0 {
		t.Fatalf("open are %v", ids)
	}
	if table := command(); strings.Count(table, "\n") != 3 || strings.Count(table, "ana") != 2 || !strings.Contains(table, "websocket") {
		t.Errorf("the table is\n%s", table)
	}
	if out := command("end", fmt.Sprint(ids["websocket /ws"])); !strings.Contains(out, "ended") {
		t.Errorf("answer %s", out)
	}
	if e := await(t, ws); e.how != "1008 ended by operator" {
		t.Errorf("the WebSocket ended with %s", e.how)
	}
	byHand := func(query string) int {
		t.Helper()
		status, _ := s.latch.Ask(t, http.MethodDelete, "/botlatch/streams"+query, "")
		return status
	}
	id := fmt.Sprint("?id=", ids["event_stream /events"])
	if got := byHand(id); got != http.StatusOK {
		t.Errorf("status %d", got)
	}
	if e := await(t, events); e.how != "EOF" {
		t.Errorf("the events ended with %s", e.how)
	}
	s.over(t, "operator", 2)
	for query, status := range map[string]int{id: 404, "?id=999999": 404, "?id=0": 404, "": 400, "?id=-1": 400, "?id=all": 400} {
		if got := byHand(query); got != status {
			t.Errorf("%q: status %d, want %d", query, got, status)
		}
	}
	if out := command(); !strings.Contains(out, "nothing is open") {
		t.Errorf("the table is\n%s", out)
	}
	again := s.dial(t, "/ws", token)
	if _, _, err := again.Read(t.Context()); err != nil {
		t.Errorf("the token is no good any more: %v", err)
	}
}
