package attacks_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/botlatch/botlatch/caddymodule/session"
)

// live is a page with both kinds of stream, which says how they are.
const live = `<p id="socket"></p><p id="events"></p><script>
const say = (id, text) => { document.getElementById(id).textContent = text }
const socket = new WebSocket("wss://" + location.host + "/live/socket")
socket.onopen = () => say("socket", "open")
socket.onclose = (event) => say("socket", "closed " + event.code)
const events = new EventSource("/live/events")
events.onmessage = () => say("events", "open")
events.onerror = () => say("events", events.readyState === EventSource.CLOSED ? "closed" : "again")
</script>`

const bothStreams = `document.getElementById("socket").textContent + ", " + document.getElementById("events").textContent`

// TestB22_SignOutEndsWhatIsOpenAndThePageCanTell. The cookie that somebody kept is worth nothing.
func TestB22_SignOutEndsWhatIsOpenAndThePageCanTell(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	s.bot.shows("/", live)
	b := s.signedIn(t, "act")
	b.becomes(bothStreams, "open, open")
	kept := s.session(t, b)

	other := b.another()
	other.open(s.origin + "/.botlatch/")
	other.becomes("document.title", "You are signed in")
	other.press("form button")
	other.becomes("document.title", "You are signed out")
	b.becomes(bothStreams, "closed 1008, closed")
	if said := b.script(me); said != "401" {
		t.Errorf("signed out, and the latch says %q", said)
	}

	b.keep(session.CookieName(s.origin), kept, s.origin)
	if got := s.session(t, b); got != kept {
		t.Fatal("the kept cookie is not in the browser again: this test shows nothing")
	}
	if said := b.script(`fetch("/act/kept").then((a) => a.status)`); said != "401" || len(s.bot.acted()) > 0 {
		t.Errorf("the kept cookie gets %s, and moved %v", said, s.bot.acted())
	}
}

// TestRevokingEndsWhatIsOpenAndThePageCanTell, too.
func TestRevokingEndsWhatIsOpenAndThePageCanTell(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	s.bot.shows("/", live)
	b := s.signedIn(t, "act")
	b.becomes(bothStreams, "open, open")
	s.revoke(t, "ana")
	b.becomes(bothStreams, "closed 1008, closed")
}

// revoke takes every session from somebody.
func (s *browserStage) revoke(t *testing.T, name string) {
	t.Helper()
	body := `{"kind":"subject","iss":"` + s.origin + `","value":"` + name + `"}`
	if status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", body); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
}

// keep puts a cookie of ours into the browser.
func (b *tab) keep(name, value, url string) {
	b.t.Helper()
	yes := true
	b.call(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{
			Name: name, Value: value, URL: url, Path: "/", Secure: &yes, HTTPOnly: &yes, SameSite: network.CookieSameSiteStrict,
		})
		return err
	})
}

// TestABrowserThatKeepsNoCookiesIsToldSo, and uses up nothing.
func TestABrowserThatKeepsNoCookiesIsToldSo(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	profile := t.TempDir()
	if err := os.MkdirAll(filepath.Join(profile, "Default"), 0o700); err != nil {
		t.Fatal(err)
	}
	const blocked = `{"profile": {"default_content_setting_values": {"cookies": 2}}}`
	if err := os.WriteFile(filepath.Join(profile, "Default", "Preferences"), []byte(blocked), 0o600); err != nil {
		t.Fatal(err)
	}
	b := startChromium(t, s.pin, map[string]any{"user-data-dir": profile})
	link := s.latch.Invite(t, "ana", "act")
	b.open(link)
	b.press("#open")
	b.becomes("document.title", "Your browser keeps no cookies for this site")
	b.open(s.origin + "/.botlatch/")
	b.do(chromedp.SendKeys(chromedp.CSS("#token"), s.token(t, "act")))
	b.press("form button")
	b.becomes("document.title", "Your browser keeps no cookies for this site")

	other := s.browse(t)
	other.open(link)
	other.press("#open")
	other.becomes("location.href + document.title", s.origin+"/bot")
}
