package browser_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// installAxe runs npm ci in a folder that goes with the test, and returns the text of axe-core.
func installAxe(t *testing.T) string {
	t.Helper()
	need(t, "npm")
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", ".npmrc"} {
		text, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, end := context.WithTimeout(t.Context(), 5*time.Minute)
	defer end()
	command := exec.CommandContext(ctx, "npm", "ci")
	command.Dir, command.WaitDelay = dir, time.Second
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// axe returns what axe-core, which the tab has to have, finds wrong with the page.
func (b *tab) axe() string {
	b.t.Helper()
	return b.script(`axe.run().then((found) => found.violations.map((v) =>
		v.id + ": " + v.nodes.map((n) => n.target + " " + n.failureSummary).join("; ")).join("\n"))`)
}

// keep writes what the tab shows to BOTLATCH_SCREENSHOTS, if that names a folder.
func (b *tab) keep(name string) {
	b.t.Helper()
	dir := os.Getenv("BOTLATCH_SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "page-"+name+".png"), picture, 0o600)
	}
	if err != nil {
		b.t.Error(err)
	}
}

func TestThePageFitsAndIsAccessible(t *testing.T) {
	t.Parallel()
	axe, s := installAxe(t), newStage(t)
	b := browse(t, s.URL)
	b.ready()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](axe+";'axe'")); err != nil {
		t.Fatal(err)
	}
	shapes := []struct{ width, height int64 }{{390, 844}, {800, 1100}, {1400, 900}}
	check := func(state string) {
		for _, shape := range shapes {
			for _, scheme := range []string{"light", "dark"} {
				name := fmt.Sprintf("%s-%d-%s", state, shape.width, scheme)
				b.look(shape.width, shape.height, scheme)
				b.keep(name)
				if wide := b.script("document.documentElement.scrollWidth"); wide != fmt.Sprint(shape.width) {
					t.Errorf("%s: the page is %s wide", name, wide)
				}
				if found := b.axe(); found != "" {
					t.Errorf("%s: %s", name, found)
				}
			}
		}
	}
	b.script(`(() => { for (const [id, value] of [["hue", 340], ["saturation", 75], ["brightness", 95], ["joint-shoulder", 125], ["joint-grip", 70]]) {
		document.getElementById(id).value = value; document.getElementById(id).dispatchEvent(new Event("input")) } })()`)
	b.click("#unlock")
	b.says("#door-state", "Unlocked")
	soon(t, "some readings", func() bool { return b.script("document.getElementById('readings').points.length > 3") == "true" })
	check("live")
	b.wantQuiet()

	// What is broken must be seen to be.
	b.script(`document.body.setAttribute("style", "color: red")`)
	soon(t, "a complaint about style that the policy does not let pass", func() bool { return len(b.complaints()) > 0 })
	b.script(`document.documentElement.removeAttribute("lang")`)
	if b.axe() == "" {
		t.Error("axe-core finds nothing wrong with a page without a language: this test shows nothing")
	}
	b.script(`document.documentElement.lang = "en"`)

	s.refuse("", 401)
	s.end()
	b.says("#line", "Disconnected: not signed in")
	soon(t, "everything but Stop and the speed is grey", func() bool {
		return b.script(`document.querySelectorAll("main input:enabled, main button:enabled").length`) == "1"
	})
	check("refused")
}
