package attacks_test

import (
	"slices"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// The ways to an address from outside of any page.
var outside = map[string]func(s *browserStage, b *tab, url string){
	"over-own-page": func(s *browserStage, b *tab, url string) { b.open(s.origin + "/"); b.typed(url, "") },
	"with-referrer": func(s *browserStage, b *tab, url string) { b.typed(url, s.origin+"/") }, // as "open in a new tab" of a menu
	"blank-tab":     func(_ *browserStage, b *tab, url string) { b.another().typed(url, "") },
	"other-app": func(_ *browserStage, b *tab, url string) { // a link in a mail, a QR code
		if _, err := chromedp.CallBrowser(b.ctx, target.CreateTarget, target.CreateTargetParams{URL: url}); err != nil {
			b.t.Fatal(err)
		}
	},
}

func (s *browserStage) typeAll(t *testing.T) (acts []string) {
	t.Helper()
	b := s.signedIn(t, "act")
	for name, opens := range outside {
		opens(s, b, s.origin+"/act/"+name)
		s.arrives(t, "/act/"+name)
	}
	for act := range s.bot.acted() {
		acts = append(acts, act)
	}
	slices.Sort(acts)
	return acts
}

func TestB4_WhatIsOpenedFromOutsideMovesNothing(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	if acts := s.typeAll(t); len(acts) > 0 {
		t.Errorf("moved: %v", acts)
	}
	b := s.signedIn(t, "act")
	for _, path := range []string{"/?x", "/?", "/page/x", "/act/typed"} {
		b.typed(s.origin+path, "")
		b.becomes("document.title", "Open it from the front page")
		b.press("a.button")
		b.becomes("location.href + document.title", s.origin+"/bot")
	}
	b.typed(s.origin+"/#part", "")
	b.becomes("location.href + document.title", s.origin+"/#partbot")
}

func TestB4_WithoutProvenanceItDoes(t *testing.T) {
	t.Parallel()
	acts := newBrowserStage(t, withoutProvenance(t)).typeAll(t)
	if want := []string{"blank-tab", "other-app", "over-own-page", "with-referrer"}; !slices.Equal(acts, want) {
		t.Errorf("moved by %v, want %v", acts, want)
	}
}
