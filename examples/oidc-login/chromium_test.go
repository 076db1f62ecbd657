package login_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// tab is a tab of a real Chromium.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp's handle of a tab
}

// browse starts a Chromium that nobody has signed in with, and that takes the latch's certificate for a good one.
func (s *stage) browse(t *testing.T) *tab {
	t.Helper()
	return openTab(latchtest.StartChromium(t, map[string]any{"ignore-certificate-errors-spki-list": s.latch.Pin(t)}).Context, t)
}

// openTab opens it. The first action of a tab must not be bounded, or the tab is.
func openTab(ctx context.Context, t *testing.T) *tab {
	t.Helper()
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &tab{t, ctx}
}

// another is a further tab of the same browser.
func (b *tab) another() *tab {
	b.t.Helper()
	ctx, end := chromedp.NewContext(b.ctx)
	b.t.Cleanup(end)
	return openTab(ctx, b.t)
}

// stranger is a tab of a browser that has no cookie of this one.
func (b *tab) stranger() *tab {
	b.t.Helper()
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	b.t.Cleanup(end)
	return openTab(ctx, b.t)
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// open is what a person does who types an address, and waits for the page.
func (b *tab) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url))
}

// script runs a script in the page and returns what it, or its promise, is in the end.
func (b *tab) script(text string) string {
	b.t.Helper()
	said, err := b.try(text)
	if err != nil {
		b.t.Fatalf("%s: %v", text, err)
	}
	return said
}

func (b *tab) try(text string) (string, error) {
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	return chromedp.Run(ctx, chromedp.Evaluate[string]("Promise.resolve((() => "+text+")()).then(String)", chromedp.EvalAwaitPromise))
}

// press is a person's press on what a selector finds.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// becomes waits until an expression says want, over all pages that come and go meanwhile.
func (b *tab) becomes(expression, want string) {
	b.t.Helper()
	var said string
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if said, err = b.try(expression); err == nil && said == want {
			return
		}
		if errors.Is(err, context.Canceled) {
			break
		}
	}
	shown, _ := b.try("location.origin + location.pathname + ' ' + document.title + ': ' + document.body.innerText.slice(0, 400)")
	b.t.Fatalf("%s is %q, not %q (%v)\n%s", expression, said, want, err, shown)
}

// caught presses, and stops the browser on its way to the callback; the address is returned in place of it.
func (b *tab) caught(selector string) (callback string) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	only := fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/.botlatch/callback*"}}}
	if _, err := chromedp.Call(ctx, fetch.Enable, only); err != nil {
		b.t.Fatal(err)
	}
	paused, err := chromedp.Run(ctx, chromedp.WaitEvent(fetch.RequestPaused, nil, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)))
	if err != nil {
		b.t.Fatal(err)
	}
	failed := fetch.FailRequestParams{RequestID: paused.RequestID, ErrorReason: network.ErrorReasonAborted}
	if _, err := chromedp.Call(ctx, fetch.FailRequest, failed); err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, fetch.Disable, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
	return paused.Request.URL
}

// forget takes all cookies from the browser.
func forget(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{})
	return err
}

// history is the addresses of the tab, the oldest first.
func (b *tab) history() (urls []string) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, patience)
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

// back presses Back. A page that was kept whole does not load again, so nothing is waited for.
func (b *tab) back() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		got, err := cdp.Call(ctx, t, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		to := page.NavigateToHistoryEntryParams{EntryID: got.Entries[got.CurrentIndex-1].ID}
		_, err = cdp.Call(ctx, t, page.NavigateToHistoryEntry, to)
		return err
	}))
}
