package caddymodule_test

import (
	"encoding/json"
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

func TestB19_OfManyOneTakesAnInvitation(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	link := s.latch.Invite(t, "ana", "door:open")
	// One browser each, and fewer than the door lets try from one address in a minute.
	var wg sync.WaitGroup
	var in, gone atomic.Int32
	for range 18 {
		b := s.latch.NewBrowser(t)
		b.Ask(t, "/.botlatch/in", latchtest.Typed, nil)
		wg.Go(func() {
			switch a := b.Ask(t, "/.botlatch/in", latchtest.Followed, secretOf(link)); a.StatusCode {
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
	if in.Load() != 1 || gone.Load() != 17 {
		t.Errorf("%d are in, %d are told that it was used", in.Load(), gone.Load())
	}
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
	short, _ := invite(`{"name":"short","scope":["observe"],"for":"2s"}`)
	b := s.latch.NewBrowser(t)
	b.Take(t, short)
	s.answers(t, b, "/", latchtest.Typed, http.StatusOK)
	time.Sleep(2100 * time.Millisecond)
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
