package attacks_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/botlatch/botlatch/caddymodule/session"
)

// cookies are those that the tab's browser sends to a URL.
func (b *tab) cookies(url string) (all []*network.Cookie) {
	b.t.Helper()
	b.call(func(ctx context.Context, t *chromedp.Target) error {
		got, err := cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{URLs: []string{url}})
		all = got.Cookies
		return err
	})
	return all
}

// session is the value of the browser's session.
func (s *browserStage) session(t *testing.T, b *tab) string {
	t.Helper()
	for _, c := range b.cookies(s.origin) {
		if c.Name == session.CookieName(s.origin) {
			return c.Value
		}
	}
	t.Fatal("the browser keeps no session")
	return ""
}

// tossed are cookies that some reader might take for the session, without attributes.
func tossed(name, value string) []string {
	return []string{
		name + "=" + value, strings.ToLower(name) + "=" + value, strings.ToUpper(name) + "=" + value, "=" + name + "=" + value,
		name + " =" + value, "\t" + name + "=" + value, "\u2000" + name + "=" + value, name + "\u2000=" + value, name, "x=1,\u00a0" + name + "=" + value,
	}
}

// plant lets everybody who is not the latch set mallory's session, in every way.
func (s *browserStage) plant(b *tab, at map[string]string, mallorys string) {
	b.t.Helper()
	var scripts, own, neighbours []string
	for _, spelled := range tossed(session.CookieName(s.origin), mallorys) {
		for _, attributes := range []string{
			"; Path=/; Secure; SameSite=Strict", "; Path=/; Secure; Domain=lock.home.test", "; Path=/.botlatch/; Secure", "; Path=/act; Secure", "",
		} {
			scripts = append(scripts, spelled+attributes)
			own = append(own, "Set-Cookie", spelled+attributes, "Set-Cookie", spelled+attributes+"; HttpOnly")
		}
		for _, domain := range []string{"; Domain=home.test", "; Domain=lock.home.test", ""} {
			neighbours = append(neighbours, spelled+"; Path=/; Secure; HttpOnly; SameSite=Strict"+domain, spelled+"; Path=/.botlatch/"+domain)
		}
	}
	for _, place := range []string{"sibling", "parent", "plain"} {
		b.open(at[place] + "/cookie?" + url.Values{"set": neighbours}.Encode())
	}
	s.bot.shows("/public/sets", "sets", own...)
	b.open(s.origin + "/public/page")
	b.script(`fetch("/public/sets").then((a) => a.text())`)
	list, _ := json.Marshal(scripts)
	b.script(`{
		const set = []
		for (const cookie of ` + string(list) + `) {
			document.cookie = cookie
			const [name, value] = cookie.split(";")[0].split("=")
			set.push(cookieStore.set({name, value}).catch(() => ""))
		}
		return Promise.all(set)
	}`)
}

const me = `fetch("/.botlatch/me").then((a) => a.json()).then((me) => me.sub || String(me.status))`

func TestB10_NobodyElsePlantsASession(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	s.bot.shows("/public/page", blank)
	b, at := s.browse(t), s.startAttackers(t)
	mallory := b.another(chromedp.WithNewBrowserContext())
	s.signIn(t, mallory, "mallory", "act")
	mallorys := s.session(t, mallory)

	b.open(s.origin + "/public/page")
	s.plant(b, at, mallorys)
	if said := b.script(me); said != "401" {
		t.Errorf("nobody signed in, and the latch says %q", said)
	}
	s.signIn(t, b, "ana", "act")
	b.script(`{location = "/public/page"; return ""}`)
	b.becomes("location.pathname", "/public/page")
	s.plant(b, at, mallorys)
	if said := b.script(me); said != "ana" {
		t.Errorf("ana signed in, and the latch says %q", said)
	}
	for _, c := range b.cookies(s.origin + "/.botlatch/me") {
		if strings.Contains(c.Name+c.Value, mallorys) && c.Name == session.CookieName(s.origin) {
			t.Errorf("the browser keeps mallory's session, for %s%s", c.Domain, c.Path)
		}
	}
	// Cookies know no ports: whoever serves HTTPS on another port of this host can put a session of its own there, and no more.
	b.open(at["port"] + "/cookie?" + url.Values{"set": {session.CookieName(s.origin) + "=" + mallorys + "; Path=/; Secure; HttpOnly"}}.Encode())
	b.open(s.origin + "/public/page")
	if said := b.script(me); said != "mallory" {
		t.Errorf("another port of the host replaced the session, and the latch says %q: more holds than is written", said)
	}
}
