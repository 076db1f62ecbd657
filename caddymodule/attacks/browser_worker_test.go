package attacks_test

import (
	"strings"
	"testing"
)

// worker passes on what pages ask for: as it came, or by its URL alone, which forgets where it began.
const worker = `
addEventListener("install", () => skipWaiting())
addEventListener("activate", (event) => event.waitUntil(clients.claim()))
addEventListener("fetch", (event) => {
	const { request } = event
	event.respondWith(request.url.includes("by-url") ? fetch(request.url, { credentials: "include" }) : fetch(request))
})`

const register = `navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready).then(() => "installed", (e) => e.name)`

// TestB6_APageInstallsNoServiceWorker, unless the owner allows it.
func TestB6_APageInstallsNoServiceWorker(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	s.bot.shows("/sw.js", worker, "Content-Type", "text/javascript")
	b := s.signedIn(t, "act")
	if said := b.script(register); said == "installed" {
		t.Error("it is installed")
	}
	if status := s.arrives(t, "/sw.js"); status != "401" {
		t.Errorf("status %s", status)
	}
}

// throughWorker opens addresses while a worker of the bot's page sees to it.
func (s *browserStage) throughWorker(t *testing.T) *tab {
	t.Helper()
	s.bot.shows("/sw.js", worker, "Content-Type", "text/javascript")
	b, at := s.signedIn(t, "act"), s.startAttackers(t)
	if said := b.script(register); said != "installed" {
		t.Fatalf("the worker is not installed: %s", said)
	}
	for _, name := range []string{"foreign", "sibling"} {
		for _, v := range navigations {
			if strings.HasPrefix(v.name, "form") {
				continue // its body cannot be passed on twice
			}
			other := b.another()
			defer other.close()
			other.open(at[name] + "/blank")
			other.send(v, s.origin+"/act/"+name+"-"+v.name)
			s.arrives(t, "/act/"+name+"-"+v.name)
		}
	}
	b.typed(s.origin+"/act/typed-relayed", "")
	s.arrives(t, "/act/typed-relayed")
	return b
}

// TestB6_ANavigationThatAWorkerRelaysDoesNotCount: it arrives as the site's own.
func TestB6_ANavigationThatAWorkerRelaysDoesNotCount(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t, signInSays("service_workers"))
	b := s.throughWorker(t)
	if acts := s.bot.acted(); len(acts) > 0 {
		t.Errorf("moved: %v", acts)
	}
	b.typed(s.origin+"/", "")
	b.becomes("location.href + document.title", s.origin+"/bot")
	if said := b.script(`fetch("/act/own").then((a) => a.status)`); said != "200" {
		t.Errorf("through the worker the own page's fetch gets %s", said)
	}
	// What allowing workers costs, as the documentation says.
	b.typed(s.origin+"/act/by-url", "")
	s.arrives(t, "/act/by-url")
	if s.bot.acted()["by-url"] != 1 {
		t.Error("a worker that fetches by URL moves nothing: service_workers costs less than is written")
	}
}

func TestB6_WithoutProvenanceItDoes(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t, signInSays("service_workers"), withoutProvenance(t))
	s.throughWorker(t)
	by := s.actedBy()
	sameNames(t, "foreign", by["foreign"], nil) // SameSite=Strict holds it, as long as the worker passes it on as it came
	sameNames(t, "sibling", by["sibling"], []string{"link", "location", "open", "refresh", "replace"})
	sameNames(t, "typed", by["typed"], []string{"relayed"})
}
