package browser_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// need skips the test when a program is missing. Where CI=true says that everything is installed it fails.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not on the PATH", program)
	}
	t.Skipf("skipped: %s is not on the PATH", program)
}

// tab is a tab of a Chromium of its own, and what its page wrote to the console.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp's handle of a tab

	mu  sync.Mutex
	log []chromedp.ConsoleMessage
}

// browse opens url as a phone would.
func browse(t *testing.T, url string) *tab {
	t.Helper()
	need(t, "chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(390, 844),
		chromedp.WSURLReadTimeout(time.Minute))
	ctx, end := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(end)
	ctx, end = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(end)
	return newTab(t, ctx, url)
}

// another opens url in a second tab of the same browser.
func (b *tab) another(url string) *tab {
	b.t.Helper()
	ctx, end := chromedp.NewContext(b.ctx)
	b.t.Cleanup(end)
	return newTab(b.t, ctx, url)
}

func newTab(t *testing.T, ctx context.Context, url string) *tab { //nolint:revive // t comes first in tests
	t.Helper()
	b := &tab{t: t, ctx: ctx}
	messages := chromedp.Console(ctx)
	go func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.log = append(b.log, message)
			b.mu.Unlock()
		}
	}()
	b.look(390, 844, "light")
	b.do(chromedp.Navigate(url))
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// look gives the tab a size and a scheme of colours. It is in front, whatever else is open, and nothing in it moves by itself.
func (b *tab) look(width, height int64, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
}

// script runs a script in the page and returns what it, or its promise, is in the end, as text.
func (b *tab) script(text string) string {
	b.t.Helper()
	said, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(async () => String(await (`+text+`)))()`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", text, err)
	}
	return said
}

// text is what an element says.
func (b *tab) text(selector string) string {
	b.t.Helper()
	name, _ := json.Marshal(selector)
	return b.script("document.querySelector(" + string(name) + ").textContent.trim()")
}

// becomes waits until a script is what is wanted.
func (b *tab) becomes(script, want string) {
	b.t.Helper()
	said := ""
	if !within(func() bool { said = b.script(script); return said == want }) {
		b.t.Fatalf("%s is %q, not %q; the page says %q", script, said, want, b.text("#status"))
	}
}

// says waits until an element says what is wanted.
func (b *tab) says(selector, want string) {
	b.t.Helper()
	said := ""
	if !within(func() bool { said = b.text(selector); return said == want }) {
		b.t.Fatalf("%s says %q, not %q", selector, said, want)
	}
}

// ready waits until the page shows how the robot is.
func (b *tab) ready() {
	b.t.Helper()
	b.says("#line", "Live")
	b.becomes("document.querySelectorAll('#joints input').length", "3")
}

// complaints are what the page wrote to the console, without what sources wrote, which a test may expect.
func (b *tab) complaints(without ...string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, message := range b.log {
		if !slices.Contains(without, message.Source) || message.Source == "" {
			all = append(all, message.Source+" "+message.String())
		}
	}
	return all
}

// wantQuiet fails if the page wrote anything to the console: an error, or what its policy did not let pass.
func (b *tab) wantQuiet(without ...string) {
	b.t.Helper()
	if all := b.complaints(without...); len(all) > 0 {
		b.t.Errorf("the console: %q", all)
	}
}
