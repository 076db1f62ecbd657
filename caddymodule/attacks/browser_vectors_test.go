package attacks_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A vector is how a page makes a browser send a request to url; it is a script.
type vector struct{ name, script string }

// background are those that leave the page where it is.
var background = []vector{
	{"img", `new Image().src = url`},
	{"script", `add("script", {src: url})`},
	{"style", `add("link", {rel: "stylesheet", href: url})`},
	{"module", `add("script", {src: url, type: "module"})`},
	{"object", `add("object", {data: url})`},
	{"iframe", `add("iframe", {src: url})`},
	{"frame-form-get", `{add("iframe", {name: "get"}); add("form", {action: url, target: "get"}).submit()}`},
	{"frame-form-post", `{add("iframe", {name: "post"}); add("form", {action: url, target: "post", method: "post"}).submit()}`},
	{"fetch", `fetch(url, {credentials: "include"}).catch(() => 0)`},
	{"fetch-no-cors", `fetch(url, {credentials: "include", mode: "no-cors"}).catch(() => 0)`},
	{"fetch-post", `fetch(url, {credentials: "include", mode: "no-cors", method: "POST", body: "x"}).catch(() => 0)`},
	{"beacon", `navigator.sendBeacon(url)`},
	{"websocket", `new WebSocket(url.replace("https:", "wss:"))`},
	{"eventsource", `new EventSource(url, {withCredentials: true}).onerror = (e) => e.target.close()`},
}

// navigations are those that lead the tab away, or a new one. A person presses the link.
var navigations = []vector{
	{"link", `{Object.assign(document.getElementById("link"), {href: url})}`},
	{"location", `setTimeout(() => { location = url })`},
	{"replace", `setTimeout(() => location.replace(url))`},
	{"refresh", `add("meta", {httpEquiv: "refresh", content: "0;url=" + url})`},
	{"form-get", `setTimeout(() => add("form", {action: url}).submit())`},
	{"form-post", `setTimeout(() => add("form", {action: url, method: "post"}).submit())`},
	{"open", `{window.open(url)}`},
}

// blank is a page for scripts, with a link to press.
const blank = `<!doctype html><title>blank</title><body><p><a id="link" href="/">A link</a></p>`

// send runs a vector in the page that the tab shows.
func (b *tab) send(v vector, url string) {
	b.t.Helper()
	b.script(`{
		const url = ` + strconv.Quote(url) + `
		const add = (name, has) => document.body.appendChild(Object.assign(document.createElement(name), has))
		` + v.script + `
		return ""
	}`)
	if v.name == "link" {
		b.press("#link")
	}
}

// attack tries vectors from a page at from, and waits until all have arrived. to makes the address of one, "" for none;
// name is the path at the latch.
func (s *browserStage) attack(t *testing.T, b *tab, from string, to, name func(vector) string) {
	t.Helper()
	for _, v := range navigations {
		other := b.another()
		defer other.close()
		other.open(from)
		other.send(v, to(v))
	}
	b.open(from)
	for _, v := range background {
		if to(v) != "" {
			b.send(v, to(v))
		}
	}
	for _, v := range slices.Concat(background, navigations) {
		if to(v) != "" {
			s.arrives(t, name(v))
		}
	}
}

// attackAs is attack, straight at the acts, which are called as the attacker and the vector.
func (s *browserStage) attackAs(t *testing.T, b *tab, attacker, from string) {
	t.Helper()
	name := func(v vector) string { return "/act/" + attacker + "-" + v.name }
	s.attack(t, b, from, func(v vector) string { return s.origin + name(v) }, name)
}

// actedBy is which vectors moved the bot, by attacker.
func (s *browserStage) actedBy() map[string][]string {
	by := make(map[string][]string)
	for act := range s.bot.acted() {
		attacker, vector, _ := strings.Cut(act, "-")
		by[attacker] = append(by[attacker], vector)
	}
	return by
}

// all is the names of all vectors but some.
func all(but ...string) (names []string) {
	for _, v := range slices.Concat(background, navigations) {
		if !slices.Contains(but, v.name) {
			names = append(names, v.name)
		}
	}
	return names
}

// sameNames asserts that exactly some vectors moved the bot.
func sameNames(t *testing.T, attacker string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: moved by %v, want %v", attacker, got, want)
	}
}
