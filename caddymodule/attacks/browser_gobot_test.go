package attacks_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestStockGobotsPageDrivesItUntilSignOut: Robeaux, as Gobot serves it, behind the rules of examples/gobot.
func TestStockGobotsPageDrivesItUntilSignOut(t *testing.T) {
	t.Parallel()
	bot := startGobotBot(t)
	s := newBrowserStage(t, signInSays("home / /index.html"), before(bot.address, `
		allow * /api/commands/* /api/robots/*/commands/* /api/robots/*/devices/*/commands/* scope robot:command
		allow GET /api /api/ /api/commands /api/robots /api/robots/* scope robot:observe
		allow GET /api/robots/*/commands /api/robots/*/connections /api/robots/*/connections/* scope robot:observe
		allow GET /api/robots/*/devices /api/robots/*/devices/* /api/robots/*/devices/*/commands scope robot:observe
		allow GET / /index.html /js/* /css/* /images/* scope robot:page
`))
	b := s.browse(t)
	b.open(s.latch.Invite(t, "ana", "robot:page", "robot:observe", "robot:command"))
	b.press("#open")
	b.becomes("location.pathname", "/index.html") // where Gobot leads to from /
	b.press("a.btn-robot")
	command := b.run()
	s.arrives(t, command)
	if acts := bot.actsNow(t); len(acts) != 1 {
		t.Errorf("one press, and it did %v", acts)
	}
	s.signOutElsewhere(b)
	if again := b.run(); again != command {
		t.Errorf("%s, and then %s", command, again)
	}
	s.refuses(t, command)
	if acts := bot.actsNow(t); len(acts) > 0 {
		t.Errorf("signed out, and it did %v", acts)
	}
	b.do(chromedp.Reload())
	b.becomes("document.title", "Sign in")
}

// run presses Robeaux's button by the keyboard, because the page goes on moving it while it loads. It returns the path of the
// command that is chosen, the first: Gobot lists them in the order of a Go map, another each time.
func (b *tab) run() (path string) {
	b.t.Helper()
	b.becomes(`String(document.querySelectorAll(".command-state option").length)`, "2")
	b.do(chromedp.Focus(chromedp.CSS("button.btn-run")), chromedp.KeyEvent(kb.Enter))
	return "/api/robots/front%20door/commands/" + b.script(`document.querySelector(".command-state").value`)
}

// actsNow is each command that began since it was asked last.
func (b *gobotBot) actsNow(t *testing.T) (acts []string) {
	t.Helper()
	for _, l := range b.heard(t) {
		if l.Act != "" {
			acts = append(acts, l.Act)
		}
	}
	return acts
}
