package caddymodule_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// twoDoors are two sites of one host, on two ports, and one latch.
const twoDoors = signInSite + `https://localhost:{$PORT} {
	tls {$CERT} {$KEY}
	botlatch {
		sign_in {
			invite
		}
		allow GET / /act any_token
	}
	reverse_proxy {$BOT}
}
`

// present asks with a cookie, or a token, of one's own making.
func (s *stage) present(t *testing.T, base, path string, fields map[string]string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for _, all := range []map[string]string{latchtest.Fetch, fields} {
		for name, value := range all {
			r.Header.Set(name, value)
		}
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	res, err := s.latch.TLSClient(true).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res
}

func TestB12_B13_B28_ASessionIsGoodInItsPlaceAlone(t *testing.T) {
	t.Parallel()
	s := newStage(t, twoDoors)
	ana := s.invited(t, "door:open")
	var cookie *http.Cookie
	for _, c := range ana.Cookies() {
		if strings.HasPrefix(c.Name, sessionCookie) {
			cookie = c
		}
	}
	other := "https://localhost:" + s.latch.URL[strings.LastIndex(s.latch.URL, ":")+1:]
	ben := s.latch.NewBrowser(t)
	ben.Ask(t, "/.botlatch/", latchtest.Typed, nil)
	token := s.mintFor(t, []string{s.latch.TLSURL}, "door:open")
	session := cookie.Name + "=" + cookie.Value
	for name, c := range map[string]struct {
		base, path string
		fields     map[string]string
		status     int
	}{
		"ok/as it should be":        {s.latch.TLSURL, "/act", map[string]string{"Cookie": session}, 200},
		"ok/among others":           {s.latch.TLSURL, "/act", map[string]string{"Cookie": "a=b; " + session + "; c=d"}, 200},
		"deny/B12 as a token":       {s.latch.TLSURL, "/act", map[string]string{"Authorization": "Bearer " + cookie.Value}, 401},
		"deny/B12 token as cookie":  {s.latch.TLSURL, "/act", map[string]string{"Cookie": cookie.Name + "=" + token}, 401},
		"deny/B12 beside Basic":     {s.latch.TLSURL, "/act", map[string]string{"Cookie": session, "Authorization": "Basic YTpi"}, 401},
		"deny/B12 beside bad token": {s.latch.TLSURL, "/act", map[string]string{"Cookie": session, "Authorization": "Bearer x"}, 401},
		"deny/B13 at another site":  {other, "/act", map[string]string{"Cookie": session}, 401},
		"deny/B10 two of the name":  {s.latch.TLSURL, "/act", map[string]string{"Cookie": session + "; " + session}, 401},
		"deny/B10 another case":     {s.latch.TLSURL, "/act", map[string]string{"Cookie": strings.ToLower(cookie.Name) + "=" + cookie.Value}, 401},
		"deny/B10 nameless":         {s.latch.TLSURL, "/act", map[string]string{"Cookie": "=" + session}, 401},
		"deny/cut short":            {s.latch.TLSURL, "/act", map[string]string{"Cookie": session[:len(session)-3]}, 401},
		"deny/quoted":               {s.latch.TLSURL, "/act", map[string]string{"Cookie": cookie.Name + `="` + cookie.Value + `"`}, 401},
		"deny/B1 says so":           {s.latch.TLSURL, "/act", map[string]string{"Cookie": session, "Sec-Fetch-Site": "cross-site"}, 401},
		"deny/B9 another origin":    {s.latch.TLSURL, "/act", map[string]string{"Cookie": session, "Origin": other}, 401},
	} {
		before := s.bot.Hits()
		res := s.present(t, c.base, c.path, c.fields)
		if reached := s.bot.Hits() > before; res.StatusCode != c.status || reached != (c.status == 200) {
			t.Errorf("%s: status %d, want %d; the bot was reached: %t", name, res.StatusCode, c.status, reached)
		}
	}
	if b := s.latch.NewBrowser(t); b.Ask(t, "/act", map[string]string{"Cookie": session, "Host": "evil.example.com"}, nil).StatusCode == http.StatusOK {
		t.Error("B28: a session counts on a host by another name")
	}
}

// TestB15_OnlyTheFormOfARefusalDependsOnWhoLooks whatever a request says of itself.
func TestB15_OnlyTheFormOfARefusalDependsOnWhoLooks(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	stranger, ana := s.latch.NewBrowser(t), s.invited(t, "other")
	for _, c := range []struct {
		browser *latchtest.Browser
		path    string
		fields  map[string]string
	}{
		{stranger, "/act", nil},
		{stranger, "/nowhere", nil},
		{stranger, "/ACT", nil},
		{ana, "/act", map[string]string{"Sec-Fetch-Site": "same-origin"}},
		{ana, "/act", map[string]string{"Sec-Fetch-Site": "cross-site"}},
		{stranger, "/act", map[string]string{"Authorization": "Bearer rubbish"}},
		{stranger, "/act", map[string]string{"Authorization": "Bearer " + s.mint(t)}},
		{stranger, "/act?access_token=x", nil},
	} {
		seen := make(map[string]bool)
		before := s.bot.Hits()
		for _, accept := range []string{"", "*/*", "text/html", "application/json", "text/event-stream"} {
			for _, mode := range []string{"", "navigate", "cors", "no-cors", "websocket", "rubbish"} {
				fields := map[string]string{"Accept": accept, "Sec-Fetch-Mode": mode, "X-Requested-With": "XMLHttpRequest"}
				for name, value := range c.fields {
					fields[name] = value
				}
				if mode == "" {
					delete(fields, "Sec-Fetch-Mode")
				}
				a := c.browser.Ask(t, c.path, fields, nil)
				seen[a.Status+" "+a.Header.Get("WWW-Authenticate")] = true
				page := strings.HasPrefix(a.Header.Get("Content-Type"), "text/html")
				if want := mode == "navigate" || mode == "" && accept == "text/html"; page != want {
					t.Errorf("%s, mode %q, Accept %q: a page: %t", c.path, mode, accept, page)
				}
				if a.Header.Get("Cache-Control") != "no-store" || !strings.Contains(a.Header.Get("Vary"), "Sec-Fetch-Mode") {
					t.Errorf("B16: %s: Cache-Control %q, Vary %q", c.path, a.Header.Get("Cache-Control"), a.Header.Get("Vary"))
				}
			}
		}
		if len(seen) != 1 || s.bot.Hits() != before {
			t.Errorf("%s: %d different answers, the bot was reached %d times", c.path, len(seen), s.bot.Hits()-before)
		}
	}
}

func TestB25_ADoorLetsNobodyTryWithoutEnd(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	b := s.latch.NewBrowser(t)
	b.Ask(t, "/.botlatch/in", latchtest.Typed, nil)
	codes := make(map[int]int)
	began := time.Now()
	for range 300 {
		a := b.Ask(t, "/.botlatch/in", latchtest.Followed, url.Values{"secret": {"AAAAAAAAAAAAAAAAAAAAAA"}})
		codes[a.StatusCode]++
		if a.StatusCode == http.StatusTooManyRequests && a.Header.Get("Retry-After") == "" {
			t.Fatal("429 without Retry-After")
		}
	}
	most := 20 + int(time.Since(began)/(3*time.Second)) + 1 // one comes back each three seconds
	if codes[404] < 20 || codes[404] > most || codes[404]+codes[429] != 300 {
		t.Errorf("answers %v", codes)
	}
	if a := b.Ask(t, "/health", nil, nil); a.StatusCode != http.StatusOK {
		t.Errorf("the bot: status %d", a.StatusCode)
	}
}

// TestSomebodyElsesAttemptsKeepNobodyIn who shares an address with them, as in a home, or behind a proxy.
func TestSomebodyElsesAttemptsKeepNobodyIn(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	ana, other := s.invited(t, "door:open"), s.latch.NewBrowser(t)
	other.Ask(t, "/.botlatch/in", latchtest.Typed, nil)
	for range 30 {
		other.Ask(t, "/.botlatch/in", latchtest.Followed, url.Values{"secret": {"AAAAAAAAAAAAAAAAAAAAAA"}})
	}
	if a := ana.Ask(t, "/.botlatch/out", latchtest.Followed, url.Values{}); a.StatusCode != http.StatusOK {
		t.Errorf("signing out: status %d", a.StatusCode)
	}
}

func TestTheDoorsAreNeverOnHold(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t)
	ana := s.invited(t, "door:open")
	s.press(t, http.MethodPost)
	a := s.answers(t, ana, "/", latchtest.Typed, http.StatusServiceUnavailable)
	if !strings.Contains(a.Text, "Everything is on hold") {
		t.Error("the page does not say why")
	}
	if a := ana.Ask(t, "/.botlatch/", latchtest.Typed, nil); a.StatusCode != http.StatusOK || !strings.Contains(a.Text, "You are signed in") {
		t.Errorf("status %d", a.StatusCode)
	}
	if a := s.latch.NewBrowser(t).Take(t, s.latch.Invite(t, "ben", "observe")); a.StatusCode != http.StatusServiceUnavailable || a.Request.URL.Path != "/" {
		t.Errorf("an invitation: status %d at %s", a.StatusCode, a.Request.URL.Path)
	}
	s.press(t, http.MethodDelete)
	s.answers(t, ana, "/", latchtest.Typed, http.StatusOK)
}

func TestWithoutSignInThereAreNoDoors(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t, `		sign_in {
			invite
			token
		}
`, "		public GET /.botlatch/**\n")
	b := s.latch.NewBrowser(t)
	if a := s.answers(t, b, "/.botlatch/", latchtest.Typed, http.StatusOK); a.Text != "bot" {
		t.Error("the latch answers")
	}
	s.answers(t, b, "/act", latchtest.Fetch, http.StatusUnauthorized)
	if status, _ := s.latch.Ask(t, http.MethodPost, "/botlatch/invitations", `{"name":"a","scope":["b"]}`); status != http.StatusConflict {
		t.Errorf("an invitation to nowhere: status %d", status)
	}
}

func TestBelowTheirRootNothingIsTheBots(t *testing.T) {
	t.Parallel()
	s := newSignInStage(t, "public GET     /health", "public GET     /health /.botlatch/**")
	b := s.latch.NewBrowser(t)
	for path, status := range map[string]int{
		"/.botlatch/nothing": 404, "/.botlatch/in/": 404, "/.botlatch/IN": 404, "/.botlatch/%69n": 400, "/.botlatch//in": 400,
		"/.botlatch/callback": 400, "/.botlatch/./in": 400,
	} {
		s.answers(t, b, path, latchtest.Typed, status)
	}
}
