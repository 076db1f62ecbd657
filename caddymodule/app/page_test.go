package app

import (
	"fmt"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// pageAll goes from page to page, counts them, and fails when one is longer than it may be.
func pageAll(t *testing.T, a *App, filter Filter, limit int) (all []revocation.Entry, pages int) {
	t.Helper()
	for after := ""; ; {
		entries, next, err := a.Page(t.Context(), filter, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) > limit {
			t.Errorf("a page of %d has %d entries", limit, len(entries))
		}
		all = append(all, entries...)
		pages++
		if after = next; after == "" {
			return all, pages
		}
		if pages > 1000 {
			t.Fatal("the pages do not end")
		}
	}
}

func TestAFilterTakesWhatHasAllThatItNames(t *testing.T) {
	t.Parallel()
	a := appWithStore(t)
	a.stores = append(a.stores, appWithStore(t).stores...)
	then, now := time.Unix(1_600_000_000, 0).UTC(), time.Unix(1_700_000_000, 0).UTC()
	for i := range 20 {
		iss := []string{"one", "two", ""}[i%3]
		entries := []revocation.Entry{
			{Kind: revocation.KindToken, Issuer: iss, Value: fmt.Sprintf("t%d", i), At: then},
			{Kind: revocation.KindSubject, Issuer: iss, Value: fmt.Sprintf("ana%d", i/2), At: now},
		}
		if err := a.stores[i%2].followed.store.(revocation.Writer).Add(t.Context(), entries...); err != nil {
			t.Fatal(err)
		}
	}
	one, none := "one", ""
	for name, c := range map[string]struct {
		filter Filter
		want   int
	}{
		"everything":                 {Filter{}, 40},
		"kind":                       {Filter{Kind: revocation.KindSubject}, 20},
		"issuer":                     {Filter{Issuer: &one}, 14},
		"no issuer":                  {Filter{Issuer: &none}, 12},
		"value":                      {Filter{Value: "ana3"}, 2},
		"value, part of others":      {Filter{Value: "ana"}, 0},
		"value, another case":        {Filter{Value: "Ana3"}, 0},
		"value and issuer":           {Filter{Value: "ana3", Issuer: &one}, 1},
		"since, to the second":       {Filter{Since: now}, 20},
		"since, a second later":      {Filter{Since: now.Add(time.Second)}, 0},
		"kind that is not there":     {Filter{Kind: revocation.KindKey}, 0},
		"all of it at the same time": {Filter{revocation.KindSubject, &one, "ana3", now}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{1, 2, 3, 7, 100} {
				got, _ := pageAll(t, a, c.filter, limit)
				different := make(map[string]bool)
				for _, e := range got {
					different[fmt.Sprint(e.Kind, e.Issuer, e.Value)] = true
					if !c.filter.takes(e) {
						t.Errorf("limit %d: %+v is not wanted", limit, e)
					}
				}
				if len(got) != c.want || len(different) != c.want {
					t.Errorf("limit %d: %d entries, %d different, want %d", limit, len(got), len(different), c.want)
				}
			}
		})
	}
}

// TestAFilterReadsSoMuchForAPage: whoever asks for one name among ten million must not keep the store busy.
func TestAFilterReadsSoMuchForAPage(t *testing.T) {
	t.Parallel()
	a := appWithStore(t)
	entries := make([]revocation.Entry, filterMost+500)
	for i := range entries {
		entries[i] = revocation.Entry{Kind: revocation.KindToken, Issuer: "pages", Value: fmt.Sprintf("t%d", i), At: time.Now()}
	}
	if err := a.stores[0].followed.store.(revocation.Writer).Add(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	if got, pages := pageAll(t, a, Filter{Value: "nobody"}, 1); len(got) != 0 || pages != 2 {
		t.Errorf("%d entries on %d pages, want none on 2", len(got), pages)
	}
	if got, _ := pageAll(t, a, Filter{Value: "t77"}, 1); len(got) != 1 {
		t.Errorf("%d entries, want one", len(got))
	}
	if got, pages := pageAll(t, a, Filter{}, 1000); len(got) != len(entries) || pages != 11 {
		t.Errorf("%d entries on %d pages without a filter", len(got), pages)
	}
}
