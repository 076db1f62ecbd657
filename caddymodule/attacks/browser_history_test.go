package attacks_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// back presses the browser's Back. A page that was kept whole does not load again, so nothing is waited for.
func (b *tab) back() {
	b.t.Helper()
	b.call(func(ctx context.Context, t *chromedp.Target) error {
		got, err := cdp.Call(ctx, t, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		to := page.NavigateToHistoryEntryParams{EntryID: got.Entries[got.CurrentIndex-1].ID}
		_, err = cdp.Call(ctx, t, page.NavigateToHistoryEntry, to)
		return err
	})
}

// TestB16_BackShowsNoPageOfAnotherStateOfThings: who was refused and then let in does not see the refusal again, and who signed
// out not what only the signed in may see, whatever the bot says of caching.
func TestB16_BackShowsNoPageOfAnotherStateOfThings(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string][]string{
		"ok/bot says nothing of caches": nil,
		"ok/bot says max-age":           {"Cache-Control", "public, max-age=600"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newBrowserStage(t)
			s.bot.shows("/", blank, fields...)
			b := s.browse(t)
			b.open(s.origin + "/")
			b.becomes("document.title", "Sign in")
			s.signIn(t, b, "ana", "act")
			b.back()
			b.becomes("document.title", "You are invited")
			b.back()
			b.becomes("location.href + document.title", s.origin+"/bot")

			b.script(`{location = "/.botlatch/"; return ""}`)
			b.becomes("document.title", "You are signed in")
			b.press("form button")
			b.becomes("document.title", "You are signed out")
			b.back()
			b.becomes("document.title", "Sign in") // the page with the button
			b.back()
			b.becomes("location.pathname + ' ' + document.title", "/ Sign in")
		})
	}
}
