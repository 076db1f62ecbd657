package latchtest

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Tab is a tab of a real Chromium, at the size of a phone.
type Tab struct {
	// Context is chromedp's handle of the tab.
	Context context.Context //nolint:containedctx // meant

	t testing.TB
}

// StartChromium starts one with a profile of its own; it ends with the test. Flags (name, value) are added to those that tests need.
func StartChromium(t testing.TB, flags map[string]any) *Tab {
	t.Helper()
	Need(t, "chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(390, 844),
		chromedp.WSURLReadTimeout(time.Minute))
	for name, value := range flags {
		options = append(options, chromedp.Flag(name, value))
	}
	ctx, end := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(end)
	ctx, end = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(func() {
		// It writes to its profile until it has ended.
		ctx, stop := context.WithTimeout(ctx, 10*time.Second)
		defer stop()
		_ = chromedp.Cancel(ctx)
		end()
	})
	return &Tab{ctx, t}
}

// Do does steps.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.Context, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// Open loads an address, as a person does who types it.
func (b *Tab) Open(url string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(url))
}

// Press is a person's press on what a selector finds.
func (b *Tab) Press(selector string) {
	b.t.Helper()
	b.Do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Script runs a script in the page and returns what it, or its promise, is in the end.
func (b *Tab) Script(text string) string {
	b.t.Helper()
	said, err := chromedp.Run(b.Context, chromedp.Evaluate[string](text, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return said
}

// Becomes waits until an expression is true, over all pages that come and go meanwhile.
func (b *Tab) Becomes(expression string) {
	b.t.Helper()
	said := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var err error
		if said, err = chromedp.Run(b.Context, chromedp.Evaluate[string]("String("+expression+")")); err == nil && said == "true" {
			return
		}
		if b.Context.Err() != nil {
			break
		}
	}
	shown, _ := chromedp.Run(b.Context, chromedp.Evaluate[string]("document.body.innerText.slice(0, 400)"))
	b.t.Fatalf("%s: %s. The page shows: %s", expression, said, shown)
}
