package revocation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func source(t testing.TB, l *List, resource string) *Source {
	t.Helper()
	s, err := l.Source(resource)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ana is a token with every name.
func ana(issuedAt time.Time) *Names {
	return NewNames(site, issuedAt, [NumKinds]string{
		KindToken: "1", KindFingerprint: hash, KindSession: "s", KindSubject: "ana", KindKey: hash,
	})
}

func TestRevokesByEveryKind(t *testing.T) {
	t.Parallel()
	never := time.Time{}
	for name, c := range map[string]struct {
		e       Entry
		names   *Names
		revoked bool
	}{
		"revoked/token":                  {Entry{Kind: KindToken, Issuer: site, Value: "1"}, ana(noon), true},
		"revoked/fingerprint":            {Entry{Kind: KindFingerprint, Value: hash}, ana(noon), true},
		"revoked/session":                {Entry{Kind: KindSession, Issuer: site, Value: "s"}, ana(noon), true},
		"revoked/subject":                {Entry{Kind: KindSubject, Issuer: site, Value: "ana"}, ana(noon), true},
		"revoked/key":                    {Entry{Kind: KindKey, Value: hash}, ana(noon), true},
		"revoked/issuer":                 {Entry{Kind: KindIssuer, Issuer: site}, ana(noon), true},
		"revoked/all":                    {Entry{Kind: KindAll, IssuedBefore: noon}, ana(noon), true},
		"revoked/hold":                   {Entry{Kind: KindHold}, ana(noon), true},
		"revoked/hold, issued after":     {Entry{Kind: KindHold, At: noon}, ana(noon.Add(time.Hour)), true},
		"revoked/hold, no name at all":   {Entry{Kind: KindHold}, NewNames("", never, [NumKinds]string{}), true},
		"revoked/token without iat":      {Entry{Kind: KindToken, Issuer: site, Value: "1"}, ana(never), true},
		"revoked/issued before":          {Entry{Kind: KindSubject, Issuer: site, Value: "ana", IssuedBefore: noon}, ana(noon.Add(-time.Second)), true},
		"revoked/issued then":            {Entry{Kind: KindSubject, Issuer: site, Value: "ana", IssuedBefore: noon}, ana(noon), true},
		"revoked/issued in that second":  {Entry{Kind: KindSubject, Issuer: site, Value: "ana", IssuedBefore: noon}, ana(noon.Add(999 * time.Millisecond)), true},
		"revoked/issued, not said when":  {Entry{Kind: KindSubject, Issuer: site, Value: "ana", IssuedBefore: noon}, ana(never), true},
		"revoked/all, not said when":     {Entry{Kind: KindAll, IssuedBefore: noon}, ana(never), true},
		"revoked/nameless secret":        {Entry{Kind: KindSubject, Value: "ana"}, NewNames("", noon, [NumKinds]string{KindSubject: "ana"}), true},
		"revoked/all of nameless secret": {Entry{Kind: KindAll, IssuedBefore: noon}, NewNames("", noon, [NumKinds]string{}), true},

		"clean/issued after":        {Entry{Kind: KindSubject, Issuer: site, Value: "ana", IssuedBefore: noon}, ana(noon.Add(time.Second)), false},
		"clean/all, issued after":   {Entry{Kind: KindAll, IssuedBefore: noon}, ana(noon.Add(time.Second)), false},
		"clean/other issuer":        {Entry{Kind: KindToken, Issuer: "https://other.test", Value: "1"}, ana(noon), false},
		"clean/no issuer":           {Entry{Kind: KindToken, Value: "1"}, ana(noon), false},
		"clean/other kind":          {Entry{Kind: KindSession, Issuer: site, Value: "1"}, ana(noon), false},
		"clean/other value":         {Entry{Kind: KindToken, Issuer: site, Value: "2"}, ana(noon), false},
		"clean/token has no jti":    {Entry{Kind: KindToken, Value: "1"}, NewNames("", noon, [NumKinds]string{}), false},
		"clean/issuer of the other": {Entry{Kind: KindIssuer, Issuer: "https://other.test"}, ana(noon), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.e.At = noon
			if err := c.e.Validate(); err != nil {
				t.Fatal(err)
			}
			var l List
			s := source(t, &l, "a")
			if _, revoked := l.Revoked(c.names); revoked {
				t.Fatal("revoked by an empty list")
			}
			s.Add(c.e)
			kind, revoked := l.Revoked(c.names)
			if revoked != c.revoked || revoked && kind != c.e.Kind || c.e.Matches(c.names) != c.revoked {
				t.Errorf("Revoked = %s, %t; Matches = %t", kind, revoked, c.e.Matches(c.names))
			}
			s.Remove(Entry{Kind: c.e.Kind, Issuer: c.e.Issuer, Value: c.e.Value})
			if _, revoked := l.Revoked(c.names); revoked || l.Len() != [NumKinds]int{} {
				t.Errorf("removed: Revoked = %t, Len = %v", revoked, l.Len())
			}
		})
	}
}

// The list is a heap of maps and bits; entries one by one are the simple thing it must agree with.
func TestListAgreesWithEntriesOneByOne(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	type owned struct {
		source int
		entry  Entry
	}
	random := func() Entry {
		e := Entry{Kind: Kind(1 + r.IntN(NumKinds-1)), Issuer: site, Value: fmt.Sprint(r.IntN(2)), At: noon}
		if r.IntN(2) == 0 || e.Kind == KindAll {
			e.IssuedBefore = noon.Add(time.Duration(r.IntN(3)) * time.Second)
		}
		if r.IntN(2) == 0 {
			e.ExpiresAt = noon.Add(time.Duration(r.IntN(3)) * time.Second)
		}
		return e
	}
	for range 300 {
		var l List
		sources := []*Source{source(t, &l, "a"), source(t, &l, "b")}
		var entries []owned
		for range 30 {
			i, e := r.IntN(2), random()
			switch r.IntN(4) {
			case 0:
				sources[i].Remove(e)
				entries = slices.DeleteFunc(entries, func(o owned) bool { return o.source == i && o.entry.Key() == e.Key() })
			default:
				sources[i].Add(e)
				entries = append(entries, owned{i, e})
			}
			for range 5 {
				n := NewNames(site, noon.Add(time.Duration(r.IntN(4))*time.Second), [NumKinds]string{
					KindToken: fmt.Sprint(r.IntN(3)), KindSubject: fmt.Sprint(r.IntN(3)), KindKey: fmt.Sprint(r.IntN(3)),
				})
				want := slices.ContainsFunc(entries, func(o owned) bool { return o.entry.Matches(n) })
				if _, got := l.Revoked(n); got != want {
					t.Fatalf("Revoked = %t, want %t", got, want)
				}
			}
		}
	}
}

func TestCleanTokenIsLookedUpAgainAfterAnAddition(t *testing.T) {
	t.Parallel()
	var l List
	s, n := source(t, &l, "a"), ana(noon)
	s.Add(Entry{Kind: KindSubject, Issuer: site, Value: "ben", At: noon})
	for range 2 {
		if _, revoked := l.Revoked(n); revoked {
			t.Fatal("revoked by another's entry")
		}
	}
	if n.clean.Load() != l.version.Load() {
		t.Error("a clean token is looked up each time")
	}
	e := Entry{Kind: KindSubject, Issuer: site, Value: "ana", IssuedBefore: noon.Add(-time.Hour), At: noon}
	s.Add(e)
	if _, revoked := l.Revoked(n); revoked {
		t.Fatal("revoked by an earlier cut-off")
	}
	e.IssuedBefore = noon
	s.Add(e)
	if _, revoked := l.Revoked(n); !revoked {
		t.Error("a raised cut-off passed unseen")
	}
}

func TestAddingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	var l List
	s := source(t, &l, "a")
	entries := []Entry{
		{Kind: KindToken, Issuer: site, Value: "1", At: noon},
		{Kind: KindSubject, Issuer: site, Value: "ana", IssuedBefore: noon, At: noon},
	}
	s.Add(entries...)
	version, length := l.version.Load(), l.Len()
	s.Add(entries...)
	if l.version.Load() != version || l.Len() != length {
		t.Errorf("version %d → %d, Len %v → %v", version, l.version.Load(), length, l.Len())
	}
}

func TestLenCountsByKind(t *testing.T) {
	t.Parallel()
	var l List
	s := source(t, &l, "a")
	for i := range 3 * addStep {
		s.Add(Entry{Kind: KindToken, Issuer: site, Value: fmt.Sprint(i), At: noon})
	}
	s.Add(Entry{Kind: KindAll, IssuedBefore: noon, At: noon}, Entry{Kind: KindKey, Value: hash, IssuedBefore: noon, At: noon})
	s.Add(Entry{Kind: KindKey, Value: hash, At: noon}) // takes the place of its cut-off
	want := [NumKinds]int{KindToken: 3 * addStep, KindKey: 1, KindAll: 1}
	if got := l.Len(); got != want {
		t.Errorf("Len = %v, want %v", got, want)
	}
}

func TestSweepDropsWhatIsPastItsEnd(t *testing.T) {
	t.Parallel()
	var l List
	s := source(t, &l, "a")
	const many = 3*sweepStep + 1 // it lets others in between
	for i := range many {
		s.Add(Entry{Kind: KindToken, Issuer: site, Value: fmt.Sprint(i), ExpiresAt: noon, At: noon})
	}
	s.Add(
		Entry{Kind: KindToken, Issuer: site, Value: "later", ExpiresAt: noon.Add(time.Second), At: noon},
		Entry{Kind: KindToken, Issuer: site, Value: "never", At: noon},
		Entry{Kind: KindSubject, Issuer: site, Value: "ana", IssuedBefore: noon, ExpiresAt: noon, At: noon},
		Entry{Kind: KindSubject, Issuer: site, Value: "ben", IssuedBefore: noon, At: noon},
	)
	l.Sweep(noon.Add(Grace))
	if got, want := l.Len(), ([NumKinds]int{KindToken: many + 2, KindSubject: 2}); got != want {
		t.Errorf("a day after: %v, want %v", got, want)
	}
	l.Sweep(noon.Add(Grace + time.Second))
	if got, want := l.Len(), ([NumKinds]int{KindToken: 2, KindSubject: 1}); got != want {
		t.Errorf("a second later: %v, want %v", got, want)
	}
	l.Sweep(noon.AddDate(50, 0, 0))
	if got, want := l.Len(), ([NumKinds]int{KindToken: 1, KindSubject: 1}); got != want {
		t.Errorf("much later: %v, want %v", got, want)
	}
}
