package caddymodule_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// overEach runs a test in the clear, over TLS with HTTP/1.1, and with HTTP/2.
func overEach(t *testing.T, s *streamStage, test func(t *testing.T, client *http.Client, base, version string)) {
	t.Helper()
	test(t, &http.Client{Transport: new(http.Transport)}, s.latch.URL, "clear")
	test(t, s.latch.TLSClient(true), s.latch.TLSURL, "tls")
	test(t, s.latch.TLSClient(false), s.latch.TLSURL, "h2")
}

// TestWhatHasNoEndEndsWell, and what has one looks cut off.
func TestWhatHasNoEndEndsWell(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, bothSites)
	cuts := 0
	overEach(t, s, func(t *testing.T, client *http.Client, base, version string) {
		for path, whole := range map[string]bool{"/events": true, "/quiet": true, "/camera": true, "/download": false} {
			subject := version + path
			token := s.driver(t, subject, 0)
			res := getAt(t, client, base+path, token)
			if (version == "h2") != (res.ProtoMajor == 2) {
				t.Fatalf("%s: %s", version, res.Proto)
			}
			if _, err := res.Body.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			ended, began := ending(res), time.Now()
			s.revokeSubject(t, subject)
			cuts++
			e := await(t, ended)
			if (e.how == "EOF") != whole {
				t.Errorf("%s %s ended with %s", version, path, e.how)
			}
			soon(t, began, e.at)
			if res := getAt(t, client, base+path, token); res.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s %s, the next attempt: %d", version, path, res.StatusCode)
			}
		}
	})
	s.over(t, "revoked", cuts)
}

// TestARequestThatTheBotHasIsAnsweredAsUnanswered, and one that it does not have as refused.
func TestARequestThatTheBotHasIsAnsweredAsUnanswered(t *testing.T) {
	t.Parallel()
	site := strings.Replace(bothSites, "/wait", "/wait /dead", 1)
	site = strings.Replace(site, "	reverse_proxy", "	reverse_proxy /dead {$NOBODY} {\n\t\tlb_try_duration 1m\n\t\tlb_try_interval 20ms\n\t}\n	reverse_proxy", 1)
	s := newStreamStage(t, site, "NOBODY="+latchtest.FreeAddress(t))
	cuts := 0
	overEach(t, s, func(t *testing.T, client *http.Client, base, version string) {
		for _, c := range []struct {
			method, path string
			status       int
			detail       string
		}{
			{http.MethodPost, "/wait", http.StatusBadGateway, "may have been carried out"},
			{http.MethodGet, "/wait", http.StatusBadGateway, "may have been carried out"},
			{http.MethodPost, "/dead", http.StatusUnauthorized, "not accepted"},
			{http.MethodGet, "/dead", http.StatusUnauthorized, "not accepted"},
		} {
			subject := version + c.method + c.path
			r, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+s.driver(t, subject, 0))
			answered := make(chan error, 1)
			go func() { answered <- answers(client, r, c.status, c.detail) }()
			eventually(t, "it is open", func() bool {
				return s.metric(t, "botlatch_open_streams") == 1 && (c.path == "/dead" || s.bot.isOpen(c.path) == 1)
			})
			began := time.Now()
			s.revokeSubject(t, subject)
			cuts++
			if err := <-answered; err != nil {
				t.Errorf("%s: %v", subject, err)
			}
			soon(t, began, time.Now())
			eventually(t, "it is over", func() bool { return s.metric(t, "botlatch_open_streams") == 0 })
		}
	})
	s.over(t, "revoked", cuts)
}

// answers says how the answer to r differs from a status and a body that contains detail.
func answers(client *http.Client, r *http.Request, status int, detail string) error {
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if res.StatusCode != status || !strings.Contains(string(body), detail) {
		return fmt.Errorf("%d %s, %w", res.StatusCode, body, err)
	}
	return err
}
