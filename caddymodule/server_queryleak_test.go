package caddymodule_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// heard is what a request to querySites was answered.
type heard struct {
	res  *http.Response
	body string
}

// get sends a GET with a target and fields as they are.
func (s *stage) get(t *testing.T, host, target string, fields ...string) heard {
	t.Helper()
	client := dialRaw(t, s.address(host))
	client.send(append(append([]string{"GET " + target + " HTTP/1.1", "Host: " + host}, fields...), "")...)
	for {
		if res, body := client.answer("GET"); res.StatusCode != http.StatusEarlyHints {
			return heard{res, body}
		}
	}
}

// TestNoLogShowsATokenOfTheQuery has no log filter, and logs all that Caddy has to say: at every site, whether a token in
// the query counts there or not, for requests that pass, are refused, and fail behind the latch.
func TestNoLogShowsATokenOfTheQuery(t *testing.T) {
	t.Parallel()
	s := newQueryStage(t)
	good := s.mint(t, "door:open")
	tokens := []string{good, good[:len(good)-20] + strings.Repeat("Q", 19) + good[len(good)-1:], s.mintAt(t, time.Now().Add(-time.Hour), "door:open")}
	var answers strings.Builder
	lines := 0
	for _, host := range []string{"query.test", "off.test", "report.test", "stripped.test", "page.test", "proxied.test", "worse.test", "skipped.test"} {
		for _, path := range []string{"/door", "/open", "/away", "/fails", "/elsewhere", "//door", "http://" + host + "/door"} {
			for _, token := range tokens {
				for _, query := range []string{
					"access_token=" + token, "a=1&access_token=" + token + "&b=2", "a;access_token=" + token, "access%5Ftoken=" + token,
					"access_token=" + token + "&%61ccess_token=" + token, "access_token=" + token + "#access_token=" + token,
				} {
					got := s.get(t, host, path+"?"+query, "Connection: close")
					fmt.Fprintf(&answers, "%s %s: %d %v %s\n", host, path, got.res.StatusCode, got.res.Header, got.body)
					if host != "skipped.test" {
						lines++
					}
				}
			}
		}
		s.get(t, host, "/drive?access_token="+good, handshakeFields("Connection: close")...)
	}
	s.latch.Stop() // the last lines may come behind the answers
	log := s.latch.Log()
	searchPieces(t, tokens, map[string]string{"an answer": answers.String(), "the log": log})
	for _, want := range []string{`"logger":"http.log.access`, "upstream roundtrip", "a handler behind the latch failed", `"level":"debug"`} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in the log: the test searched the wrong thing", want)
		}
	}
	if got := len(accessURIs(t, log)); got < lines {
		t.Errorf("%d access lines for %d requests", got, lines)
	}
	for text := range strings.Lines(log) {
		if strings.Contains(text, `"host":"skipped.test"`) && strings.Contains(text, "handled request") {
			t.Fatalf("log_skip does not count: %s", text)
		}
	}
}

// queryLine is what the latch writes in place of an access line.
type queryLine struct {
	Level, Logger, Msg string
	Request            struct {
		ClientIP                 string `json:"client_ip"`
		Method, Host, URI, Proto string
		Headers                  http.Header
	}
	Size, Status int
	Duration     float64
}

func TestAccessLineOfATokenInTheQueryHasNoQuery(t *testing.T) {
	t.Parallel()
	s := newQueryStage(t)
	good := s.mint(t, "door:open")
	s.get(t, "query.test", "/door?a=1&access_token="+good, "Connection: close")
	s.get(t, "query.test", "/elsewhere?access_token="+good, "Connection: close")
	s.get(t, "query.test", "/away?access_token="+good, "Connection: close")
	s.get(t, "page.test", "/fails?access_token="+good, "Connection: close")
	s.latch.Stop()
	var got []string
	for text := range strings.Lines(s.latch.Log()) {
		var l queryLine
		if json.Unmarshal([]byte(text), &l) != nil || !strings.HasPrefix(l.Msg, "handled request") {
			continue
		}
		if l.Request.ClientIP != "127.0.0.1" || l.Request.Proto != "HTTP/1.1" || l.Duration <= 0 || l.Request.Headers != nil {
			t.Errorf("the line says %s", text)
		}
		got = append(got, fmt.Sprintf("%s %s %s%s %d %v", l.Level, l.Request.Method, l.Request.Host, l.Request.URI, l.Status, l.Size > 0))
	}
	want := []string{
		"info GET query.test/door 200 true", "info GET query.test/elsewhere 403 true", "error GET query.test/away 502 false",
		"error GET page.test/fails 500 true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("logged is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestErrorsBehindATokenInTheQueryAreAnsweredAsCaddyWould, with the site's error routes.
func TestErrorsBehindATokenInTheQueryAreAnsweredAsCaddyWould(t *testing.T) {
	t.Parallel()
	s := newQueryStage(t)
	good := s.mint(t, "door:open")
	for host, body := range map[string]map[string]string{
		"query.test":   {"/away": "", "/fails": ""},
		"report.test":  {"/away": "", "/fails": ""},
		"page.test":    {"/away": "sorry: 502 /away?a=1 /away?a=1", "/fails": "sorry: 500 /fails?a=1 /fails?a=1"},
		"proxied.test": {"/away": "", "/fails": ""},
		"worse.test":   {"/away": "", "/fails": ""},
	} {
		for path, status := range map[string]int{"/away": 502, "/fails": 500} {
			t.Run(host+path, func(t *testing.T) {
				t.Parallel()
				without := s.get(t, host, path+"?a=1", "Authorization: Bearer "+good, "Connection: close")
				with := s.get(t, host, path+"?a=1&access_token="+good, "Connection: close")
				for how, got := range map[string]heard{"in the field": without, "in the query": with} {
					if got.res.StatusCode != status || got.body != body[path] {
						t.Errorf("token %s: status %d, body %q; want %d, %q", how, got.res.StatusCode, got.body, status, body[path])
					}
				}
			})
		}
	}
	t.Cleanup(func() {
		if s.bot.Hits() != 0 {
			t.Errorf("%d requests reached the bot", s.bot.Hits())
		}
	})
}

// TestAnswersToATokenInTheQueryAreNotShared: not by caches, and the address of a page not with anybody (RFC 6750 §2.3).
func TestAnswersToATokenInTheQueryAreNotShared(t *testing.T) {
	t.Parallel()
	bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cache := r.URL.Query().Get("cache"); cache != "" {
			w.Header()["Cache-Control"] = strings.Split(cache, "|")
		}
		w.Header().Set("Referrer-Policy", "unsafe-url")
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = w.Write([]byte("bot"))
	}))
	t.Cleanup(bot.Close)
	key := latchtest.NewKey(t, jose.EdDSA)
	s := &stage{key: key, latch: latchtest.Start(t, querySites, "BOT="+strings.TrimPrefix(bot.URL, "http://"), "KEYS="+key.File)}
	good := s.mint(t, "door:open")
	for name, c := range map[string]struct{ cache, want, fieldWant string }{
		"ok/none":             {"", "private", ""},
		"ok/public":           {"public,+max-age=60", "private", "public, max-age=60"},
		"ok/private":          {"private,+max-age=60", "private, max-age=60", "private, max-age=60"},
		"ok/no-store":         {"max-age=0|No-Store", "max-age=0|No-Store", "max-age=0|No-Store"},
		"ok/private of one":   {`private%3D"set-cookie"`, "private", `private="set-cookie"`},
		"ok/like private":     {"privately", "private", "privately"},
		"ok/s-maxage, shared": {"s-maxage=9", "private", "s-maxage=9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			with := s.get(t, "query.test", "/door?cache="+c.cache+"&access_token="+good, "Connection: close")
			without := s.get(t, "query.test", "/door?cache="+c.cache, "Authorization: Bearer "+good, "Connection: close")
			for how, got := range map[string]heard{c.want + "|no-referrer": with, c.fieldWant + "|unsafe-url": without} {
				said := strings.Join(got.res.Header["Cache-Control"], "|") + "|" + strings.Join(got.res.Header["Referrer-Policy"], "|")
				if said != how || got.res.StatusCode != http.StatusOK {
					t.Errorf("status %d, %q, want %q", got.res.StatusCode, said, how)
				}
			}
		})
	}
}

// TestCurlOpensTheDoorWithATokenInTheQuery as somebody would who reads the README.
func TestCurlOpensTheDoorWithATokenInTheQuery(t *testing.T) {
	t.Parallel()
	latchtest.Need(t, "curl")
	s := newQueryStage(t)
	for name, c := range map[string]struct{ host, token, want string }{
		"ok/good":         {"query.test", s.mint(t, "door:open"), "bot 200"},
		"deny/no scope":   {"query.test", s.mint(t, "observe"), " 403"},
		"deny/option off": {"off.test", s.mint(t, "door:open"), " 400"},
	} {
		t.Run(name, func(t *testing.T) {
			hits := s.bot.Hits()
			out, err := exec.CommandContext(t.Context(), "curl", "-sS", "--max-time", "20", "-H", "Host: "+c.host, "-w", " %{http_code}",
				"-G", "--data-urlencode", "access_token="+c.token, s.latch.URL+"/door").CombinedOutput()
			if err != nil || !strings.HasSuffix(string(out), c.want) || strings.HasPrefix(name, "ok/") != (s.bot.Hits() > hits) {
				t.Errorf("%v: %s; %d requests reached the bot", err, out, s.bot.Hits()-hits)
			}
		})
	}
}
