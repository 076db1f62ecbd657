package attacks_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tabTo presses Tab until what an expression names has the focus.
func (b *tab) tabTo(expression string) {
	b.t.Helper()
	for range 10 {
		b.do(chromedp.KeyEvent(kb.Tab))
		if b.script("document.activeElement === "+expression) == "true" {
			if b.script(`getComputedStyle(document.activeElement).outlineStyle`) == "none" {
				b.t.Errorf("nobody sees that %s has the focus", expression)
			}
			return
		}
	}
	b.t.Fatalf("Tab does not lead to %s", expression)
}

func TestAKeyboardAloneTakesAnInvitationAndSignsOut(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	b := s.browse(t)
	b.open(s.latch.Invite(t, "ana", "act"))
	b.tabTo(`document.getElementById("open")`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.becomes("location.href + document.title", s.origin+"/bot")

	b.open(s.origin + "/.botlatch/")
	b.tabTo(`document.querySelector("form button")`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.becomes("document.title", "You are signed out")

	b.tabTo(`document.querySelector("a.button")`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.becomes("document.title", "Sign in")
	b.tabTo(`document.getElementById("token")`)
	b.do(chromedp.KeyEvent(s.token(t, "act")))
	b.tabTo(`document.querySelector("form button")`)
	b.do(chromedp.KeyEvent(" "))
	b.becomes("location.href + document.title", s.origin+"/bot")
}
