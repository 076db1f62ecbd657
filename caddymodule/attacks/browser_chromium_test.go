package attacks_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// tab is a tab of a real Chromium.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp's handle of a tab
	end context.CancelFunc
}

// startChromium starts one in which every name below .test is this machine, and the latch's certificate, known by its pin, is
// a good one. Flags are added.
func startChromium(t *testing.T, pin string, flags map[string]any) *tab {
	t.Helper()
	all := map[string]any{
		"host-resolver-rules": "MAP *.test 127.0.0.1", "ignore-certificate-errors-spki-list": pin, "window-size": "1400,900",
	}
	maps.Copy(all, flags)
	b := &tab{t, latchtest.StartChromium(t, all).Context, func() {}}
	b.do()
	return b
}

// another is a further tab of the same browser; of a stranger's browser with the options.
func (b *tab) another(options ...chromedp.ContextOption) *tab {
	b.t.Helper()
	ctx, end := chromedp.NewContext(b.ctx, options...)
	b.t.Cleanup(end)
	other := &tab{b.t, ctx, end}
	other.do()
	return other
}

// close closes the tab.
func (b *tab) close() { b.end() }

// within is a context that bounds one action.
func (b *tab) within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.ctx, patience)
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx := b.ctx
	if len(steps) > 0 { // the first of a tab must not be bounded, or the tab is
		var end context.CancelFunc
		ctx, end = b.within()
		defer end()
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// open is what a person does who types an address: it waits for the page.
func (b *tab) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url))
}

// typed is open without a wait, because not every address ends at a page.
func (b *tab) typed(url, referrer string) {
	b.t.Helper()
	b.call(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.Navigate, page.NavigateParams{
			URL: url, TransitionType: page.TransitionTypeTyped, Referrer: referrer, ReferrerPolicy: page.ReferrerPolicyUnsafeURL,
		})
		return err
	})
}

func (b *tab) call(f func(ctx context.Context, t *chromedp.Target) error) {
	b.t.Helper()
	b.do(chromedp.Func(f))
}

// script runs a script in the page, as nobody's gesture, and returns what it, or its promise, is in the end.
func (b *tab) script(text string) string {
	b.t.Helper()
	said, err := b.try(text)
	if err != nil {
		b.t.Fatalf("%s: %v", text, err)
	}
	return said
}

func (b *tab) try(text string) (string, error) {
	ctx, end := b.within()
	defer end()
	said, err := chromedp.Run(ctx, chromedp.Evaluate[string]("Promise.resolve((() => "+text+")()).then(String)", chromedp.EvalAwaitPromise))
	return said, err
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
	b.t.Fatalf("%s is %q, not %q (%v)\n%s", expression, said, want, err, b.shows())
}

// shows is what a person reads in the tab, and where.
func (b *tab) shows() string {
	said, _ := b.try("location.href.split('#')[0] + ' ' + document.title + ': ' + document.body.innerText.slice(0, 400)")
	return said
}
