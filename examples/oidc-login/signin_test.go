package login_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

func TestAnaSignsInAndOpensTheLock(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	console := b.listens()
	s.toTheProvider(b)
	callback := b.answerTo("/.botlatch/callback", button("ana"))
	s.isIn(b)
	if callback.Status != 200 { // a Strict cookie would not ride on a redirect
		t.Errorf("the callback is answered with %d", callback.Status)
	}
	b.isKept(s.origin)
	b.becomes(acts, "0")
	b.press("#open")
	b.becomes(acts, "1")
	s.acted(t, 1)
	if said := b.script(said); said != "" {
		t.Errorf("the page says %q", said)
	}
	b.do(chromedp.Reload())
	s.isIn(b)
	for _, line := range console() {
		if line != s.origin+"/: Failed to load resource: the server responded with a status of 401 ()" { // where it began
			t.Errorf("console: %s", line)
		}
	}
}

// listens collects what browsers write into their console when something is wrong.
func (b *tab) listens() (all func() []string) {
	b.t.Helper()
	ctx, end := context.WithCancel(b.ctx)
	messages, done := chromedp.Console(ctx), make(chan []string, 1)
	go func() {
		var lines []string
		for m, err := range messages {
			if err != nil {
				break
			}
			if m.IsException() || m.Type == "error" || m.Type == "warning" {
				lines = append(lines, m.URL+": "+m.Text)
			}
		}
		done <- lines
	}()
	b.t.Cleanup(end)
	return func() []string { time.Sleep(100 * time.Millisecond); end(); return <-done }
}

// answerTo presses, and returns the answer to the request for a path that comes of it.
func (b *tab) answerTo(path, selector string) *network.Response {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	got, err := chromedp.Run(ctx, chromedp.WaitEvent(network.ResponseReceived, func(e network.EventResponseReceived) bool {
		return strings.Contains(e.Response.URL, path)
	}, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)))
	if err != nil {
		b.t.Fatal(err)
	}
	return got.Response
}

// isKept asserts that the browser holds one session of the lock's, that only the lock's own pages can use, and nothing else of ours.
func (b *tab) isKept(origin string) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	got, err := chromedp.Call(ctx, storage.GetCookies, storage.GetCookiesParams{})
	if err != nil {
		b.t.Fatal(err)
	}
	n := 0
	for _, c := range got.Cookies {
		if !strings.HasPrefix(c.Name, "__Host-Http-botlatch") {
			continue
		}
		n++
		if c.SameSite != network.CookieSameSiteStrict || !c.Secure || !c.HTTPOnly || c.Path != "/" {
			b.t.Errorf("cookie %s: same-site %s, secure %t, http only %t", c.Name, c.SameSite, c.Secure, c.HTTPOnly)
		}
	}
	if n != 1 {
		b.t.Errorf("%d cookies of the latch's at %s", n, origin)
	}
}

// person is what the latch tells a page of who is signed in.
type person struct{ Sub, Name, Picture, Scope string }

func (b *tab) person() (p person) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(b.script(me)), &p); err != nil {
		b.t.Fatal(err)
	}
	return p
}

const (
	grants = "\t\t\t\tgrant email ana@example.com scope door:open observe\n\t\t\t\tgrant groups family scope observe\n"
	demand = "\t\t\t\tresource https://lock.example.com\n"
)

// TestScopesComeFromGrantsAndFromTheAccessToken, from either alone, too.
func TestScopesComeFromGrantsAndFromTheAccessToken(t *testing.T) {
	t.Parallel()
	ana := person{"ana", "Ana", "https://id.example.com/ana.png", "door:open observe"}
	for name, c := range map[string]struct {
		replace []string
		account string
		want    person
		said    string
		acts    int
	}{
		"ok/both":                          {nil, "ana", ana, "", 1},
		"ok/grants alone":                  {[]string{demand, ""}, "ana", ana, "", 1},
		"ok/access token alone":            {[]string{grants, ""}, "ana", ana, "", 1},
		"ok/with a client_secret":          {[]string{"client_id lock-public", "client_id lock\nclient_secret " + secret}, "ana", ana, "", 1},
		"deny/may look, but may not touch": {nil, "cleo", person{"cleo", "Cleo", "", "observe"}, "That did not work: 403", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.replace...)
			b := s.browse(t)
			s.signIn(b, c.account)
			if got := b.person(); got != c.want {
				t.Errorf("%+v", got)
			}
			b.becomes(acts, "0")
			b.press("#open")
			b.becomes(said+` + `+acts, c.said+map[int]string{0: "0", 1: "1"}[c.acts])
			s.acted(t, c.acts)
		})
	}
}

func TestWhoHasBeenGivenNothingGetsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	for name, c := range map[string]struct{ account, title, text string }{
		"deny/nobody has given him anything": {"ben", nothing, "Ask the owner, then sign in once more."},
		"deny/unverified email":              {"mallory", nothing, "Ask the owner, then sign in once more."},
		"deny/cancelled":                     {"", s.host() + " did not sign you in", "Nothing has changed. You can try again."},
	} {
		t.Run(name, func(t *testing.T) {
			b := b.stranger()
			b.t = t
			s.toTheProvider(b)
			b.press(button(c.account))
			b.becomes(title+" + "+status, c.title+"403")
			if text := b.script("document.body.innerText"); !strings.Contains(text, c.text) || strings.Contains(text, "Ana") {
				t.Errorf("the page says %q", text)
			}
			b.becomes(`document.querySelectorAll('`+toProvider+`').length`, "1") // and offers to try again
			s.isOut(b)
		})
	}
	s.acted(t, 0)
	if n := s.sessions(t); n != 0 {
		t.Errorf("%d sessions", n)
	}
}
