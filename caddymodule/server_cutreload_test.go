package caddymodule_test

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// reload gives the latch another Caddyfile.
func (s *streamStage) reload(t *testing.T, caddyfile string) {
	t.Helper()
	client := s.latch.AdminClient()
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/load", strings.NewReader(caddyfile))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/caddyfile")
	r.Header.Set("Cache-Control", "must-revalidate") // also when it is the same
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s, %v", res.StatusCode, body, err)
	}
}

// elsewhere is a change that no stream of the site has to do with.
const elsewhere = "http://127.0.0.1:{$ELSEWHERE} {\n\tbind 127.0.0.1\n\trespond 204\n}\n"

// goesOn asserts that a body still brings something, and is not at its end.
func goesOn(t *testing.T, res *http.Response) {
	t.Helper()
	for range 5 { // what comes first may have been on its way
		if _, err := io.ReadFull(res.Body, make([]byte, len("data: 1\n\n"))); err != nil {
			t.Errorf("it ended: %v", err)
			return
		}
	}
}

// TestAReloadLeavesStreamsOfAnUnchangedSiteOpen, and goes on to look after them.
func TestAReloadLeavesStreamsOfAnUnchangedSiteOpen(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, bothSites, "ELSEWHERE=0")
	ana, ben := s.driver(t, "ana", 0), s.driver(t, "ben", 0)
	ofAna, ofBen := s.get(t, http.DefaultClient, "/events", ana), s.get(t, http.DefaultClient, "/events", ben)
	s.reload(t, options+bothSites+elsewhere)
	s.reload(t, options+bothSites)
	goesOn(t, ofAna)
	goesOn(t, ofBen)
	if n := s.metric(t, "botlatch_open_streams"); n != 2 {
		t.Errorf("%v are open", n)
	}
	ended, began := ending(ofAna), time.Now()
	if a := s.revokeSubject(t, "ana"); a.Streams != 1 {
		t.Errorf("answer %+v", a)
	}
	e := await(t, ended)
	if e.how != "EOF" {
		t.Errorf("it ended with %s", e.how)
	}
	soon(t, began, e.at)
	goesOn(t, ofBen)

	// The key of the other one is taken out.
	if err := os.WriteFile(s.key.File, readFile(t, latchtest.NewKey(t, jose.EdDSA).File), 0o600); err != nil {
		t.Fatal(err)
	}
	ended, began = ending(ofBen), time.Now()
	s.reload(t, options+bothSites)
	e = await(t, ended)
	if e.how != "EOF" {
		t.Errorf("it ended with %s", e.how)
	}
	soon(t, began, e.at)
	s.refused(t, "/events", ben, http.StatusUnauthorized)
	s.over(t, "policy_changed", 1)
	s.over(t, "revoked", 1)
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAReloadEndsStreamsOfAChangedSite, whatever changed on it, and whether it is there at all.
func TestAReloadEndsStreamsOfAChangedSite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		caddyfile string
		next      int // what the next attempt gets
	}{
		"another rule":     {options + strings.ReplaceAll(bothSites, "scope drive", "scope drive2"), http.StatusForbidden},
		"another audience": {strings.Replace(options, audience, audience+"/2", 1) + bothSites, http.StatusUnauthorized},
		"another realm":    {options + strings.ReplaceAll(bothSites, "botlatch {", "botlatch {\n\t\trealm other"), http.StatusOK},
		"no latch":         {"{\n\tadmin {$ADMIN}\n\tauto_https off\n}\nhttp://127.0.0.1:{$PORT} {\n\tbind 127.0.0.1\n\trespond 204\n}\n", http.StatusNoContent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreamStage(t, bothSites)
			token := s.driver(t, "ana", 0)
			ends := map[string]<-chan end{}
			for _, path := range []string{"/events", "/camera", "/quiet"} {
				ends[path] = ending(s.get(t, http.DefaultClient, path, token))
			}
			began := time.Now()
			s.reload(t, c.caddyfile)
			t.Logf("reloaded after %v", time.Since(began))
			for path, ended := range ends {
				e := await(t, ended)
				if e.how != "EOF" {
					t.Errorf("%s ended with %s", path, e.how)
				}
				soon(t, began, e.at)
			}
			eventually(t, "the bot's side closed", func() bool { return s.bot.allOpen() == 0 })
			if name != "no latch" {
				s.over(t, "policy_changed", 3)
			}
			s.refused(t, "/events", token, c.next)
		})
	}
}
