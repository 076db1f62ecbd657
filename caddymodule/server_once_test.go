package caddymodule_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// onceSites are a door that opens once for each token, another one, one for anybody, and a second site that enforces
// nothing. {$TLS_PORT} is a port of the test alone: nobody speaks TLS there.
const onceSites = `
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow * /door scope door:open {
			issued_within 2m
			once
		}
		allow * /gate any_token {
			once
			replayable
		}
		allow GET /status any_token
	}
	reverse_proxy {$BOT}
}
http://127.0.0.1:{$TLS_PORT} {
	bind 127.0.0.1
	botlatch {
		insecure_report_only
		allow * /door any_token {
			once
		}
	}
	reverse_proxy {$BOT}
}
`

// nameless is a token without a jti.
func (s *stage) nameless(t *testing.T) string {
	t.Helper()
	return s.key.Sign(t, "at+jwt", `{"iss":"`+issuerName+`","aud":"`+audience+`","sub":"ana","scope":"door:open","iat":`+unix(0)+`,"exp":`+unix(time.Hour)+`}`)
}

func TestATokenOpensOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, onceSites)
	client := &http.Client{Timeout: rawPatience}
	door := func(method, token string, status int) exchange {
		return exchange{method: method, path: "/door", token: token, status: status}
	}
	nameless := s.nameless(t)
	poor := s.mint(t)
	old := s.mintAt(t, time.Now().Add(-3*time.Minute), "door:open")
	for name, exchanges := range map[string]func(token string) []exchange{
		"ok/once":         func(token string) []exchange { return []exchange{door("POST", token, 200), door("POST", token, 403)} },
		"ok/HEAD uses up": func(token string) []exchange { return []exchange{door("HEAD", token, 200), door("GET", token, 403)} },
		"ok/GET uses up":  func(token string) []exchange { return []exchange{door("GET", token, 200), door("HEAD", token, 403)} },
		"deny/two rules": func(token string) []exchange {
			return []exchange{door("PUT", token, 200), {method: "PUT", path: "/gate", token: token, status: 403}}
		},
		"ok/a rule without once": func(token string) []exchange {
			status := exchange{method: "GET", path: "/status", token: token, status: 200}
			return []exchange{status, door("POST", token, 200), status, door("POST", token, 403), status}
		},
		"ok/a refusal uses nothing up": func(token string) []exchange {
			return []exchange{
				{method: "POST", path: "/door/", token: token, status: 400},
				{method: "POST", path: "/elsewhere", token: token, status: 403},
				door("POST", token, 200),
			}
		},
		"deny/no jti": func(string) []exchange { return []exchange{door("POST", nameless, 403), door("POST", nameless, 403)} },
		"deny/issued too long ago": func(string) []exchange {
			return []exchange{door("POST", old, 403), {method: "POST", path: "/gate", token: old, status: 200}}
		},
		"deny/no scope": func(string) []exchange {
			return []exchange{
				{method: "POST", path: "/door", token: poor, status: 403, challenge: scopeNeeded},
				{method: "POST", path: "/gate", token: poor, status: 200},
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, x := range exchanges(s.mint(t, "door:open")) {
				body := s.check(t, client, s.latch.URL, x)
				if x.status == http.StatusForbidden && x.path == "/gate" && !strings.Contains(body, "This token was used before; a new one would pass") {
					t.Errorf("the body says %s", body)
				}
			}
		})
	}
}

func TestReportOnlyUsesNothingUp(t *testing.T) {
	t.Parallel()
	s := newStage(t, onceSites)
	client, token := &http.Client{Timeout: rawPatience}, s.mint(t, "door:open")
	unenforced := "http" + strings.TrimPrefix(strings.Replace(s.latch.TLSURL, "localhost", "127.0.0.1", 1), "https")
	for range 3 {
		s.check(t, client, unenforced, exchange{method: "POST", path: "/door", token: token, status: 200})
	}
	for _, status := range []int{200, 403} {
		s.check(t, client, s.latch.URL, exchange{method: "POST", path: "/door", token: token, status: status})
	}
	s.check(t, client, unenforced, exchange{method: "POST", path: "/door", token: token, status: 200})
}

// A bot that does not answer may have acted: what it got is used up, and so is what it never got.
func TestABotThatIsGoneGivesNoTokenBack(t *testing.T) {
	t.Parallel()
	s := newStage(t, onceSites)
	token, another := s.mint(t, "door:open"), s.mint(t, "door:open")
	s.bot.Close()
	ask := func(path, token string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.latch.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := (&http.Client{Timeout: rawPatience}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	for path, token := range map[string]string{"/door": token, "/gate": another} {
		for _, want := range []int{http.StatusBadGateway, http.StatusForbidden, http.StatusForbidden} {
			if got := ask(path, token); got != want {
				t.Errorf("%s: status %d, want %d", path, got, want)
			}
		}
	}
}

func TestInspectSaysThatARuleIsForOnceAndUsesNothingUp(t *testing.T) {
	t.Parallel()
	s := newStage(t, onceSites)
	token := s.mint(t, "door:open")
	file := latchtest.WriteFile(t, "token", token)
	for range 2 {
		status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/inspect", `{"token":"`+token+`","method":"POST","path":"/door"}`)
		var sites struct {
			Sites []struct {
				Rules []struct{ Passed, Once bool }
			}
		}
		if err := json.Unmarshal([]byte(answer), &sites); err != nil || status != http.StatusOK || len(sites.Sites) != 2 {
			t.Fatalf("status %d, %v: %s", status, err, answer)
		}
		for _, site := range sites.Sites {
			if len(site.Rules) != 1 || !site.Rules[0].Once || !site.Rules[0].Passed {
				t.Errorf("the rule that decides: %s", answer)
			}
		}
		said, stderr, code := s.latch.Command(t.Context(), "", "botlatch", "token", "inspect", "--token", file, "--address", "unix/"+s.latch.Admin)
		if code != 0 || strings.Count(said, "passes, once, unless it was used before") != 3 || strings.Count(said, "passes\n") != 7 {
			t.Errorf("exit code %d: %s\n%s", code, said, stderr)
		}
	}
	if _, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/inspect", `{"token":"`+s.nameless(t)+`"}`); !strings.Contains(answer, "once needs a token with a jti") {
		t.Errorf("without a jti: %s", answer)
	}
	s.check(t, &http.Client{Timeout: rawPatience}, s.latch.URL, exchange{method: "POST", path: "/door", token: token, status: 200})
}
