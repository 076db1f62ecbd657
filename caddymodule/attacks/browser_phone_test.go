package attacks_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// phone makes the tab one of a phone.
func (b *tab) phone() {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait))
}

// tap is a finger's press.
func (b *tab) tap(selector string) {
	b.t.Helper()
	b.do(chromedp.Tap(chromedp.CSS(selector), chromedp.NodeVisible))
}

// untrusted is what previews, scanners and scripts do to a page that they run.
var untrusted = []string{
	`document.getElementById("open").click()`,
	`document.getElementById("open").dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}))`,
	`document.getElementById("open").dispatchEvent(new PointerEvent("pointerup", {bubbles: true}))`,
	`document.getElementById("open").dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}))`,
	`document.getElementById("take").requestSubmit()`,
	`document.getElementById("take").requestSubmit(document.getElementById("open"))`,
}

func TestB19_AnInvitedPhoneGetsInWithOneTap(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	b := s.browse(t)
	b.phone()
	link := s.latch.Invite(t, "ana", "act")
	page, secret, _ := strings.Cut(link, "#")

	b.open(link)
	b.becomes("location.href", page) // no fragment any more
	for _, press := range untrusted {
		b.script("{" + press + "; return ''}")
	}
	b.becomes("location.href + document.title", page+"You are invited")
	if status := s.arrived("/.botlatch/in"); status != "200" {
		t.Errorf("the page was answered with %s", status)
	}
	b.tap("#open")
	b.becomes("location.href + document.title", s.origin+"/bot")
	for _, entry := range b.history() {
		if strings.Contains(entry, "#") || strings.Contains(entry, secret) {
			t.Error("the history keeps the secret")
		}
	}
	b.do(chromedp.Reload())
	b.becomes("location.href + document.title", s.origin+"/bot")
	if said := b.script(me); said != "ana" {
		t.Errorf("the latch says %q", said)
	}

	other := b.another(chromedp.WithNewBrowserContext())
	other.open(link)
	other.press("#open")
	other.becomes("document.title", "This invitation was used")
	other.becomes(`String(performance.getEntriesByType("navigation")[0].responseStatus)`, "410")
	other.open(s.origin + "/")
	other.becomes("document.title", "Sign in")
}

// history is the addresses behind Back.
func (b *tab) history() (urls []string) {
	b.t.Helper()
	ctx, end := b.within()
	defer end()
	got, err := chromedp.Run(ctx, chromedp.NavigationEntries())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range got.Entries {
		urls = append(urls, e.URL)
	}
	return urls
}

// TestAnInvitationIsTakenWithoutJavaScript: its secret is pasted. The press of a script, or a preview, has none.
func TestAnInvitationIsTakenWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	b := s.browse(t)
	b.call(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
	link := s.latch.Invite(t, "ana", "act")
	_, secret, _ := strings.Cut(link, "#")
	b.open(link)
	b.press("#open")
	b.becomes("document.title + document.activeElement.id", "You are invitedsecret") // required, and empty
	b.do(chromedp.SendKeys(chromedp.CSS("#secret"), secret))
	b.press("#open")
	b.becomes("location.href + document.title", s.origin+"/bot")
}

// TestAnotherLinkInTheSameTabLoads: links differ behind the # alone, and for a browser that is another place of the same page.
func TestAnotherLinkInTheSameTabLoads(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	b := s.browse(t)
	b.open(s.latch.Invite(t, "ana", "act") + "x") // mistyped
	b.becomes(`String(document.getElementById("typed").hidden)`, "false")
	b.typed(s.latch.Invite(t, "ana", "act"), "")
	b.becomes(`location.hash + document.getElementById("typed").hidden`, "true")

	page, _, _ := strings.Cut(s.latch.Invite(t, "ana", "act"), "#")
	b.typed(page+"#"+strings.Repeat("x", 22), "") // of another site
	b.becomes(`location.hash + document.getElementById("typed").hidden`, "true")
	b.press("#open")
	b.becomes("document.title", "There is no such invitation here")
	b.typed(s.latch.Invite(t, "ana", "act"), "")
	b.becomes("document.title + location.hash", "You are invited")
	b.press("#open")
	b.becomes("location.href + document.title", s.origin+"/bot")
}
