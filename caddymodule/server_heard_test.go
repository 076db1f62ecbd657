package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"
)

// heardLatch is a latch of which one scope tells that a document is its own.
func heardLatch(scope, said string) string {
	return "botlatch {\n" + said + "\nallow GET /arm/** /x scope " + scope + "\n}\n"
}

// heardSites has a latch in each place of a site, by the name of its host.
var heardSites = map[string]struct {
	site    string // $BOT is the bot
	path    string // what comes to the latch that is asked
	scope   string // which that is
	pointer string // what its challenge says: the path of its document; empty: nothing
	below   string // the site's own path
}{
	"ok/route":            {"route {\n" + heardLatch("a", "") + "$BOT\n}", "/x", "a", wellKnown, ""},
	"ok/every path":       {"handle {\n" + heardLatch("a", "") + "$BOT\n}", "/x", "a", wellKnown, ""},
	"ok/the other paths":  {"handle /y {\nrespond 204\n}\nhandle {\n" + heardLatch("a", "") + "$BOT\n}", "/x", "a", wellKnown, ""},
	"ok/one of its hosts": {"@arm host arm.test\nhandle @arm {\n" + heardLatch("a", "") + "$BOT\n}\n$BOT", "/x", "a", wellKnown, ""},
	"ok/path, and the document's": {
		"@arm path /arm/* " + wellKnown + "/arm\nhandle @arm {\n" + heardLatch("a", "audience https://$HOST/arm") + "$BOT\n}\n$BOT", "/arm/x", "a", wellKnown + "/arm", "",
	},
	"ok/path, and the document's among others": {
		"@arm path /arm/* /.well-known/*\nhandle @arm {\n" + heardLatch("a", "") + "$BOT\n}\n$BOT", "/arm/x", "a", wellKnown, "",
	},
	"ok/twice the same": {"handle /arm/* {\n" + heardLatch("a", "") + "$BOT\n}\nhandle {\n" + heardLatch("a", "") + "$BOT\n}", "/arm/x", "a", wellKnown, ""},
	"ok/beside another": {"handle /arm/* {\n" + heardLatch("a", "") + "$BOT\n}\nhandle {\n" + heardLatch("b", "") + "$BOT\n}", "/x", "b", wellKnown, ""},
	"none/path, beside another latch": {
		"handle /arm/* {\n" + heardLatch("a", "") + "$BOT\n}\nhandle {\n" + heardLatch("b", "") + "$BOT\n}", "/arm/x", "a", "", "",
	},
	"none/path, beside the bot":     {"handle /arm/* {\n" + heardLatch("a", "") + "$BOT\n}\n$BOT", "/arm/x", "a", "", ""},
	"none/path, audience":           {"handle /arm/* {\n" + heardLatch("a", "audience https://$HOST/arm") + "$BOT\n}\n$BOT", "/arm/x", "a", "", ""},
	"none/path that is taken off":   {"handle_path /leg/* {\n" + heardLatch("a", "") + "$BOT\n}\n$BOT", "/leg/x", "a", "", ""},
	"none/route in a path":          {"handle /arm/* {\nroute {\n" + heardLatch("a", "") + "$BOT\n}\n}\n$BOT", "/arm/x", "a", "", ""},
	"none/who knows which requests": {"@get method GET\nhandle @get {\n" + heardLatch("a", "") + "$BOT\n}\n$BOT", "/x", "a", "", ""},
	"none/site of a path":           {site: heardLatch("a", "") + "$BOT", path: "/arm/x", scope: "a", below: "/arm/*"},
	"none/all but some": {
		"@not not path " + wellKnown + "\nhandle @not {\n" + heardLatch("a", "") + "$BOT\n}\n$BOT", "/x", "a", "", "",
	},
}

// TestALatchThatDoesNotHearOfItsDocumentTellsNothing: another latch, or the bot, would answer in its place.
func TestALatchThatDoesNotHearOfItsDocumentTellsNothing(t *testing.T) {
	t.Parallel()
	host := func(name string) string {
		return strings.NewReplacer("/", "-", " ", "-", ",", "", "'", "").Replace(name) + ".test"
	}
	var sites strings.Builder
	for name, c := range heardSites {
		sites.WriteString("https://" + host(name) + ":{$TLS_PORT}" + c.below + " {\ntls {$CERT} {$KEY}\n" +
			strings.NewReplacer("arm.test", host(name), "$HOST", host(name), "$BOT", "reverse_proxy {$BOT}").Replace(c.site) + "\n}\n")
	}
	s := newStage(t, sites.String())
	client := s.latch.TLSClient(false)
	for name, c := range heardSites {
		t.Run(name, func(t *testing.T) {
			a := s.asks(t, client, http.MethodGet, s.latch.TLSURL+c.path, host(name))
			pointer := pointerOf(t, a)
			if a.StatusCode != http.StatusUnauthorized || a.hits != 0 || (pointer == "") != (c.pointer == "") || !strings.HasSuffix(pointer, c.pointer) {
				t.Fatalf("status %d, %q, want %q", a.StatusCode, a.Header["Www-Authenticate"], c.pointer)
			}
			path := c.pointer
			if path == "" {
				path = strings.TrimSuffix(c.path, "x") + ".well-known/oauth-protected-resource" // not even below the path that is taken off
			}
			a = s.asks(t, client, http.MethodGet, s.latch.TLSURL+path, host(name))
			if own := strings.Contains(a.body, `"scopes_supported":["`+c.scope+`"]`); own != (c.pointer != "") {
				t.Errorf("%s: status %d: %s", path, a.StatusCode, a.body)
			}
		})
	}
}
