package attacks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The ways in which somebody may look at a page: a phone and a desk, by day and by night.
var (
	widths  = []int64{390, 1400}
	schemes = []string{"light", "dark"}
)

// An inspector looks at pages with axe-core.
type inspector struct {
	*tab

	axe string // its script
}

// faults is what axe-core has against the page, and what it does not look for: a page broader than the screen, and controls
// too low for a thumb.
func (i inspector) faults() string {
	i.t.Helper()
	i.do(chromedp.Evaluate[chromedp.Void](i.axe))
	return i.script(`axe.run().then((found) => {
		const faults = found.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" "))
		if (document.documentElement.scrollWidth > innerWidth) faults.push("broader than the screen")
		for (const control of document.querySelectorAll("button, .button, input, textarea")) {
			const { height } = control.getBoundingClientRect()
			if (height > 0 && height < 48) faults.push("low: " + control.outerHTML)
		}
		return faults.join("; ")
	})`)
}

// inspect looks at what the tab shows in every way. It takes pictures where BOTLATCH_SCREENSHOTS says so.
func (i inspector) inspect(name, title string) {
	i.t.Helper()
	i.becomes("document.title", title)
	for _, width := range widths {
		for _, scheme := range schemes {
			i.do(chromedp.EmulateViewport(width, 844))
			i.call(func(ctx context.Context, t *chromedp.Target) error {
				dark := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
				_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: dark})
				return err
			})
			if faults := i.faults(); faults != "" {
				i.t.Errorf("%s, %d px, %s: %s", name, width, scheme, faults)
			}
			i.picture(fmt.Sprintf("%s-%d-%s.png", name, width, scheme))
		}
	}
}

func (i inspector) picture(name string) {
	dir := os.Getenv("BOTLATCH_SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, end := i.within()
	defer end()
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), shot, 0o600)
	}
	if err != nil {
		i.t.Error(err)
	}
}

func (s *browserStage) inspector(t *testing.T) inspector {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(pages.Install(t), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return inspector{s.browse(t), string(script)}
}

// goes opens a path from the bot's own page.
func (b *tab) goes(path string) {
	b.t.Helper()
	b.script(`{location = "` + path + `"; return ""}`)
}

func TestAxeFindsNothingOnTheLatchsPages(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	i := s.inspector(t)
	s.bot.shows("/public/bad", `<img src="/x"><input><button style="color:#999;background:#888">x</button>`)
	i.open(s.origin + "/public/bad")
	if faults := i.faults(); !strings.Contains(faults, "image-alt") || !strings.Contains(faults, "low") {
		t.Fatalf("a bad page passes: %q", faults)
	}

	i.open(s.origin + "/")
	i.inspect("refused-401", "Sign in")
	i.open(s.origin + "/.botlatch/")
	i.inspect("sign-in", "Sign in")
	i.do(chromedp.SendKeys(chromedp.CSS("#token"), "x"))
	i.press("form button")
	i.inspect("sign-in-refused", "That token does not open this site")
	i.open(s.origin + "/.botlatch/nothing")
	i.inspect("not-found", "There is nothing here")

	link, over := s.latch.Invite(t, "ana", "act"), s.soonOver(t)
	i.open(link)
	i.inspect("invitation", "You are invited")
	i.press("#open")
	i.becomes("location.pathname", "/")
	i.open(link)
	i.press("#open")
	i.inspect("used", "This invitation was used")
	time.Sleep(time.Second)
	i.open(over)
	i.press("#open")
	i.inspect("over", "This invitation is over")
	i.open(strings.Split(link, "#")[0] + "#" + strings.Repeat("x", 22))
	i.press("#open")
	i.inspect("no-such-invitation", "There is no such invitation here")

	i.open(s.origin + "/act/typed")
	i.inspect("outside", "Open it from the front page")
	i.open(s.origin + "/")
	i.goes("/secret")
	i.inspect("refused-403", "You may not do this")
	i.open(s.origin + "/")
	s.hold(t, http.MethodPost)
	i.goes("/act/held")
	i.inspect("refused-503", "Not at the moment")
	s.hold(t, http.MethodDelete)
	i.open(s.origin + "/.botlatch/")
	i.inspect("signed-in", "You are signed in")
	i.press("form button")
	i.inspect("signed-out", "You are signed out")
}

// soonOver is the link of an invitation that must be taken within a second.
func (s *browserStage) soonOver(t *testing.T) (link string) {
	t.Helper()
	_, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/invitations", `{"site":"`+s.origin+`","name":"ana","scope":["act"],"within":"1s"}`)
	var invited struct{ Link string }
	if err := json.Unmarshal([]byte(answer), &invited); err != nil || invited.Link == "" {
		t.Fatal("no invitation")
	}
	return invited.Link
}

// hold puts everything on hold, or takes it off.
func (s *browserStage) hold(t *testing.T, method string) {
	t.Helper()
	body := ""
	if method == http.MethodPost {
		body = "{}"
	}
	if status, answer := s.latch.Ask(t, method, "/botlatch/hold", body); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
}
