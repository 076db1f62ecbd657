package attacks_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const unlock = "/api/robots/front%20door/commands/unlock"

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
	b.run() // the first of its commands, unlock
	s.arrives(t, unlock)
	if acts := bot.actsNow(t); len(acts) != 1 {
		t.Errorf("one press, and it did %v", acts)
	}
	s.signOutElsewhere(b)
	b.run()
	s.refuses(t, unlock)
	if acts := bot.actsNow(t); len(acts) > 0 {
		t.Errorf("signed out, and it did %v", acts)
	}
	b.do(chromedp.Reload())
	b.becomes("document.title", "Sign in")
}

// run presses Robeaux's button by the keyboard: the page goes on moving it while it loads.
func (b *tab) run() {
	b.t.Helper()
	b.becomes(`String(document.querySelectorAll(".command-state option").length)`, "2")
	b.do(chromedp.Focus(chromedp.CSS("button.btn-run")), chromedp.KeyEvent(kb.Enter))
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
