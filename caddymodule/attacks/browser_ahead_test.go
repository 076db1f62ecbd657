package attacks_test

import (
	"maps"
	"testing"
)

// ahead makes the browser load three acts before anybody presses anything.
const ahead = `<script type="speculationrules">{
	"prefetch": [{"urls": ["/act/prefetched"], "eagerness": "immediate"}],
	"prerender": [{"urls": ["/act/prerendered"], "eagerness": "immediate"}]
}</script>
<link rel="prefetch" href="/act/hinted">
<p><a id="prefetched" href="/act/prefetched">Open</a> <a id="prerendered" href="/act/prerendered">Open</a> <a id="hinted" href="/act/hinted">Open</a></p>`

var predicted = []string{"prefetched", "prerendered", "hinted"}

// lookAhead opens the page, and waits until the browser has tried everything.
func (s *browserStage) lookAhead(t *testing.T) *tab {
	t.Helper()
	s.bot.shows("/page/ahead", ahead)
	b := s.signedIn(t, "act")
	b.script(`{location = "/page/ahead"; return ""}`)
	for _, name := range predicted {
		s.arrives(t, "/act/"+name)
	}
	return b
}

func TestB5_WhatABrowserLoadsAheadMovesNothingAndThePressDoes(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t)
	b := s.lookAhead(t)
	if acts := s.bot.acted(); len(acts) > 0 {
		t.Errorf("moved: %v", acts)
	}
	want := make(map[string]int)
	for _, name := range predicted {
		b.press("#" + name)
		b.becomes("document.body.innerText", "It moved.")
		want[name] = 1
		if acts := s.bot.acted(); !maps.Equal(acts, want) {
			t.Errorf("%s was pressed: moved %v, want %v", name, acts, want)
		}
		b.script(`{location = "/page/ahead"; return ""}`)
		b.becomes("String(!!document.getElementById('hinted'))", "true")
	}
}

func TestB5_WithoutProvenanceItMovesTheBot(t *testing.T) {
	t.Parallel()
	s := newBrowserStage(t, withoutProvenance(t))
	s.lookAhead(t)
	for _, name := range predicted {
		if s.bot.acted()[name] == 0 {
			t.Errorf("%s did not move it: the test shows nothing", name)
		}
	}
}
