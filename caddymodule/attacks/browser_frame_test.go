package attacks_test

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// frames is which addresses the frames of the tab show. Where the browser refused to, there is a page of its own.
func (b *tab) frames() (urls []string) {
	b.t.Helper()
	b.call(func(ctx context.Context, t *chromedp.Target) error {
		got, err := cdp.Call(ctx, t, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return err
		}
		for _, child := range got.FrameTree.ChildFrames {
			if child.Frame.UnreachableURL == "" {
				urls = append(urls, child.Frame.URL)
			}
		}
		return nil
	})
	return urls
}

// TestB20_OurPagesDoNotLoadInAFrame, where somebody could lead a press to their buttons.
func TestB20_OurPagesDoNotLoadInAFrame(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	s.bot.shows("/public/framed", "<p>May be framed.</p>")
	// Frames of other sites are in processes of their own, and not among those of the tab, unless it is told otherwise.
	b := startChromium(t, s.pin, map[string]any{
		"disable-site-isolation-trials": true, "disable-features": "IsolateOrigins,site-per-process",
	})
	s.signIn(t, b, "ana", "act")
	at := s.startAttackers(t)
	for name, from := range map[string]string{"own": s.origin + "/", "sibling": at["sibling"] + "/", "foreign": at["foreign"] + "/"} {
		b.open(from)
		for _, path := range []string{"/.botlatch/", "/.botlatch/in", "/.botlatch/nothing", "/secret", "/public/framed"} {
			b.script(`new Promise((done) => {
				const frame = document.createElement("iframe")
				frame.onload = done
				frame.src = ` + strconv.Quote(s.origin+path) + `
				document.body.append(frame)
			})`)
		}
		if shown := b.frames(); !slices.Equal(shown, []string{s.origin + "/public/framed"}) {
			t.Errorf("%s: frames show %v, and not the bot's page alone", name, shown)
		}
	}
}
