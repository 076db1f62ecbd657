package caddymodule_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func secretOf(link string) url.Values {
	_, secret, _ := strings.Cut(link, "#")
	return url.Values{"secret": {secret}}
}

// behindProxy is a stage that takes the word of whoever asks for where a request comes from, so that one machine is many.
func behindProxy(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, signInSite)
	s.latch.Stop()
	s.latch.Rewrite(strings.Replace(options, "auto_https off", "auto_https off\n\tservers {\n\t\ttrusted_proxies static 127.0.0.0/8 ::1\n\t}", 1) + signInSite)
	s.latch.Run()
	return s
}

// at is where a browser asks from.
func at(fields map[string]string, n int) map[string]string {
	all := maps.Clone(fields)
	all["X-Forwarded-For"] = fmt.Sprintf("198.51.%d.%d", n/250, n%250+1)
	return all
}

func TestB19_OfManyOneTakesAnInvitation(t *testing.T) {
	t.Parallel()
	const many = 200
	s := behindProxy(t)
	link := s.latch.Invite(t, "ana", "door:open")
	var wg sync.WaitGroup
	var in, gone atomic.Int32
	for i := range many {
		b := s.latch.NewBrowser(t)
		b.Ask(t, "/.botlatch/in", latchtest.Typed, nil)
		wg.Go(func() {
			switch a := b.Ask(t, "/.botlatch/in", at(latchtest.Followed, i), secretOf(link)); a.StatusCode {
			case http.StatusOK:
				in.Add(1)
			case http.StatusGone:
				gone.Add(1)
			default:
				t.Errorf("status %d", a.StatusCode)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 || gone.Load() != many-1 {
		t.Errorf("%d are in, %d are told that it was used", in.Load(), gone.Load())
	}
}

// TestB25_OneSubjectFillsNoLedger however often it signs in with its one token.
func TestB25_OneSubjectFillsNoLedger(t *testing.T) {
	t.Parallel()
	s := behindProxy(t)
	token := s.mintFor(t, []string{s.latch.TLSURL}, "door:open")
	first := s.latch.NewBrowser(t)
	signIn := func(b *latchtest.Browser, i int) {
		t.Helper()
		b.Ask(t, "/.botlatch/", latchtest.Typed, nil)
		if a := b.Ask(t, "/.botlatch/token", at(latchtest.Followed, i), url.Values{"token": {token}}); a.StatusCode != http.StatusOK {
			t.Fatalf("sign-in %d: status %d", i, a.StatusCode)
		}
	}
	signIn(first, 0)
	time.Sleep(1100 * time.Millisecond) // the ledger counts in seconds
	var last *latchtest.Browser
	for i := 1; i <= 50; i++ {
		last = s.latch.NewBrowser(t)
		signIn(last, i)
	}
	s.answers(t, first, "/act", latchtest.Fetch, http.StatusUnauthorized)
	s.answers(t, last, "/act", latchtest.Fetch, http.StatusOK)
	if n := s.signedIn(t); n != 50 {
		t.Errorf("%d sessions are listed", n)
	}
	s.rotate(t, `{"now":true}`)
	if n := s.signedIn(t); n != 0 {
		t.Errorf("everybody is out, and %d sessions are listed", n)
	}
	signIn(last, 51)
	if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"kind":"subject","iss":"`+issuerName+`","value":"ana"}`); status != http.StatusOK {
		t.Fatalf("%d: %s", status, answer)
	}
	if n := s.signedIn(t); n != 0 {
		t.Errorf("who was signed in is revoked, and %d sessions are listed", n)
	}
}

// signedIn is how many sessions are listed.
func (s *stage) signedIn(t *testing.T) int {
	t.Helper()
	_, answer := s.latch.Ask(t, http.MethodGet, "/botlatch/sessions", "")
	var list struct{ Sessions []json.RawMessage }
	if err := json.Unmarshal([]byte(answer), &list); err != nil {
		t.Fatal(err)
	}
	return len(list.Sessions)
}

func TestAnInvitationIsUsedUpByAPressAlone(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	link := s.latch.Invite(t, "ana", "door:open")
	preview, cookieless := s.latch.NewBrowser(t), s.latch.NewBrowser(t)
	preview.Ask(t, "/.botlatch/in", latchtest.Typed, nil)
	for name, c := range map[string]struct {
		browser *latchtest.Browser
		fields  map[string]string
		form    url.Values
		status  int
	}{
		"deny/GET":                  {preview, latchtest.Typed, nil, http.StatusOK},
		"deny/foreign page":         {preview, latchtest.External, secretOf(link), http.StatusForbidden},
		"deny/sibling":              {preview, map[string]string{"Sec-Fetch-Site": "same-site"}, secretOf(link), http.StatusForbidden},
		"deny/foreign, old browser": {preview, map[string]string{"Origin": "https://evil.example.com"}, secretOf(link), http.StatusForbidden},
		"deny/no origin at all":     {preview, map[string]string{"Origin": ""}, secretOf(link), http.StatusForbidden},
		"deny/cookies off":          {cookieless, latchtest.Followed, secretOf(link), http.StatusBadRequest},
		"deny/no form":              {preview, map[string]string{"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain"}, secretOf(link), http.StatusUnsupportedMediaType},
		"deny/too long":             {preview, latchtest.Followed, url.Values{"secret": {strings.Repeat("x", 17<<10)}}, http.StatusRequestEntityTooLarge},
		"deny/mistyped":             {preview, latchtest.Followed, url.Values{"secret": {"AAAAAAAAAAAAAAAAAAAAAA"}}, http.StatusNotFound},
		"deny/empty":                {preview, latchtest.Followed, url.Values{}, http.StatusNotFound},
	} {
		if a := c.browser.Ask(t, "/.botlatch/in", c.fields, c.form); a.StatusCode != c.status || !strings.Contains(a.Text, "<h1>") {
			t.Errorf("%s: status %d, want %d, and a page", name, a.StatusCode, c.status)
		}
	}
	if a := s.latch.NewBrowser(t).Take(t, link); a.StatusCode != http.StatusOK {
		t.Errorf("then it lets nobody in: status %d", a.StatusCode)
	}
}

func TestAnInvitationEnds(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	invite := func(body string) (link, id string) {
		status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/invitations", body)
		var v struct{ Link, ID string }
		if err := json.Unmarshal([]byte(answer), &v); err != nil || status != http.StatusCreated {
			t.Fatalf("%d: %v", status, err)
		}
		return v.Link, v.ID
	}
	over, _ := invite(`{"name":"late","scope":["observe"],"within":"1s"}`)
	cancelled, id := invite(`{"name":"nobody","scope":["observe"]}`)
	if status, answer := s.latch.Ask(t, http.MethodDelete, "/botlatch/invitations", `{"id":"`+id+`"}`); status != http.StatusOK {
		t.Fatalf("%d: %s", status, answer)
	}
	time.Sleep(1100 * time.Millisecond)
	for name, c := range map[string]struct {
		link   string
		status int
	}{"deny/over": {over, http.StatusGone}, "deny/cancelled": {cancelled, http.StatusNotFound}} {
		b := s.latch.NewBrowser(t)
		if a := b.Take(t, c.link); a.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, a.StatusCode, c.status)
		}
		s.answers(t, b, "/", latchtest.Typed, http.StatusUnauthorized)
	}
	short, _ := invite(`{"name":"short","scope":["observe"],"for":"8s"}`)
	b := s.latch.NewBrowser(t)
	b.Take(t, short)
	s.answers(t, b, "/", latchtest.Typed, http.StatusOK)
	time.Sleep(8100 * time.Millisecond)
	s.answers(t, b, "/", latchtest.Typed, http.StatusUnauthorized)
}

func TestAnInvitationThatSaysTooLittleIsRefused(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	for name, c := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"ok/the only site":     {`{"name":"ana","scope":["observe"]}`, 201, ""},
		"deny/no name":         {`{"scope":["observe"]}`, 400, "name"},
		"deny/two lines":       {`{"name":"a\nb","scope":["observe"]}`, 400, "name"},
		"deny/no scope":        {`{"name":"ana"}`, 400, "scope"},
		"deny/two in one":      {`{"name":"ana","scope":["a b"]}`, 400, "scope"},
		"deny/scopes too long": {`{"name":"ana","scope":["` + strings.Repeat("x", 2000) + `"]}`, 400, "scope"},
		"deny/another site":    {`{"site":"https://localhost","name":"ana","scope":["a"]}`, 400, "https://localhost:"},
		"deny/plain HTTP":      {`{"site":"` + s.latch.URL + `","name":"ana","scope":["a"]}`, 400, "no site"},
		"deny/too long":        {`{"name":"ana","scope":["a"],"for":"401d"}`, 400, "for"},
		"deny/in a month":      {`{"name":"ana","scope":["a"],"within":"30d"}`, 400, "within"},
		"deny/unknown member":  {`{"name":"ana","scope":["a"],"email":"x"}`, 400, "email"},
	} {
		status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/invitations", c.body)
		if status != c.status || !strings.Contains(answer, c.says) {
			t.Errorf("%s: status %d, want %d, which says %q: %.200s", name, status, c.status, c.says, answer)
		}
	}
}
