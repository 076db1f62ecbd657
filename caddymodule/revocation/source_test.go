package revocation

import (
	"fmt"
	"testing"
	"time"
)

func TestNameOfTwoSourcesGoesWhenBothLetGo(t *testing.T) {
	t.Parallel()
	ever := Entry{Kind: KindSubject, Issuer: site, Value: "ana", At: noon}
	early, late := ever, ever
	early.IssuedBefore, late.IssuedBefore = noon.Add(-time.Hour), noon
	for name, c := range map[string]struct {
		a, b Entry
		both bool // is a token of noon out while both say so
		one  bool // when only b does
	}{
		"both ever":          {ever, ever, true, true},
		"ever and late":      {ever, late, true, true},
		"ever and early":     {ever, early, true, false},
		"late and early":     {late, early, true, false},
		"early and late":     {early, late, true, true},
		"early and ever":     {early, ever, true, true},
		"both early, no use": {early, early, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l List
			a, b, n := source(t, &l, "a"), source(t, &l, "b"), ana(noon)
			ask := func(when string, want bool) {
				t.Helper()
				if _, got := l.Revoked(n); got != want {
					t.Errorf("%s: revoked = %t, want %t", when, got, want)
				}
			}
			a.Add(c.a)
			b.Add(c.b)
			ask("both", c.both)
			a.Remove(c.a)
			ask("one", c.one)
			a.Remove(c.a)
			ask("one, removed again by the other", c.one)
			b.Remove(c.b)
			ask("none", false)
			if l.Len() != [NumKinds]int{} {
				t.Errorf("left: %v", l.Len())
			}
		})
	}
}

func TestSourceSaysTheStrongestOfAName(t *testing.T) {
	t.Parallel()
	ever := Entry{Kind: KindSubject, Issuer: site, Value: "ana", At: noon, ExpiresAt: noon}
	early, late, endless := ever, ever, ever
	early.IssuedBefore, late.IssuedBefore = noon.Add(-time.Hour), noon
	endless.IssuedBefore, endless.ExpiresAt = early.IssuedBefore, time.Time{}
	for name, c := range map[string]struct {
		entries       []Entry
		revoked, kept bool // a token of noon; after its end
	}{
		"early then late": {[]Entry{early, late}, true, false},
		"late then early": {[]Entry{late, early}, true, false},
		"late then ever":  {[]Entry{late, ever}, true, false},
		"ever then early": {[]Entry{ever, early}, true, false},
		"end taken away":  {[]Entry{late, endless}, true, true},
		"ever, no end":    {[]Entry{ever, endless}, true, true},
		"end, put back":   {[]Entry{endless, late}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l List
			s, n := source(t, &l, "a"), ana(noon)
			s.Add(c.entries...)
			if _, revoked := l.Revoked(n); revoked != c.revoked || l.Len()[KindSubject] != 1 {
				t.Errorf("revoked = %t, Len = %v", revoked, l.Len())
			}
			l.Sweep(noon.AddDate(1, 0, 0))
			if _, kept := l.Revoked(n); kept != c.kept {
				t.Errorf("a year later revoked = %t, want %t", kept, c.kept)
			}
			s.Remove(ever)
			if _, revoked := l.Revoked(n); revoked || l.Len() != [NumKinds]int{} {
				t.Errorf("removed: revoked = %t, Len = %v", revoked, l.Len())
			}
		})
	}
}

func TestStoreThatComesBackIsTheSameSource(t *testing.T) {
	t.Parallel()
	var l List
	e, n := Entry{Kind: KindToken, Issuer: site, Value: "1", At: noon}, ana(noon)
	source(t, &l, "bolt:/a").Add(e)
	source(t, &l, "bolt:/b").Remove(e)
	if _, revoked := l.Revoked(n); !revoked {
		t.Fatal("one source took back what another said")
	}
	source(t, &l, "bolt:/a").Remove(e)
	if _, revoked := l.Revoked(n); revoked {
		t.Error("the source did not know itself again")
	}
}

func TestThereAreOnlySoManySources(t *testing.T) {
	t.Parallel()
	var l List
	e, n := Entry{Kind: KindToken, Issuer: site, Value: "1", At: noon}, ana(noon)
	for i := range MaxSources {
		source(t, &l, fmt.Sprint(i)).Add(e)
	}
	if _, err := l.Source("one more"); err == nil {
		t.Error("one more: no error")
	}
	for i := range MaxSources {
		if _, revoked := l.Revoked(n); !revoked {
			t.Fatalf("let go when %d of %d had", i, MaxSources)
		}
		source(t, &l, fmt.Sprint(i)).Remove(e)
	}
	if _, revoked := l.Revoked(n); revoked {
		t.Error("all let go, and it is still there")
	}
}
