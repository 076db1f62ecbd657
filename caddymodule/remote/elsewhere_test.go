package remote

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// at answers by path; what is not named is not found.
func at(answers map[string]http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if answer, ok := answers[r.URL.Path]; ok {
			answer(w, r)
			return
		}
		http.NotFound(w, r)
	}
}

func TestADocumentThatIsNotThereIsLookedForElsewhere(t *testing.T) {
	t.Parallel()
	loop := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }
	for name, c := range map[string]struct {
		answers map[string]http.HandlerFunc
		want    string // empty: an error
	}{
		"ok/the first has it":           {map[string]http.HandlerFunc{"/document": says("a"), "/second": says("b")}, "a"},
		"ok/the second has it":          {map[string]http.HandlerFunc{"/second": says("b"), "/third": says("c")}, "b"},
		"ok/the third has it":           {map[string]http.HandlerFunc{"/third": says("c")}, "c"},
		"ok/the first is rubbish":       {map[string]http.HandlerFunc{"/document": says("rubbish"), "/second": says("b")}, "b"},
		"ok/the first leads in circles": {map[string]http.HandlerFunc{"/document": loop, "/second": says("b")}, "b"},
		"deny/nowhere":                  {nil, ""},
		"deny/rubbish everywhere":       {map[string]http.HandlerFunc{"/document": says("rubbish"), "/second": fails}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := startPublisher(t, at(c.answers))
				d := keep(t, p, Options{Elsewhere: []string{"http://localhost/second", "http://localhost/third"}})
				gets(t, d, c.want)
				if err := d.State().Err; (err == nil) != strings.HasPrefix(name, "ok/") {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestEveryPlaceIsHeldToTheSameBounds(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://localhost/x", "ftp://example.com/", "https://", "https://a:b@example.com/", "https://example.com/#x", "://"} {
		if _, err := New("https://example.com/", parse, Options{Elsewhere: []string{"https://example.com/y", address}}); err == nil {
			t.Errorf("%q is a place", address)
		}
	}
}

func TestATokenRightAfterAPlannedFetchMayCauseOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a 1h"))
		d := keep(t, p, Options{MinAge: 30 * time.Second})
		gets(t, d, "a")
		p.changes(says("b 1h")) // a moment after it was fetched
		if got, err := d.Renew(t.Context()); got != "b" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		p.changes(says("c 1h"))
		if got, err := d.Renew(t.Context()); got != "b" || err != nil { // and no more within MinAge
			t.Errorf("%q, %v", got, err)
		}
		time.Sleep(31 * time.Second)
		if got, err := d.Renew(t.Context()); got != "c" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestStateTellsWhenTheNextFetchIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a 100s"))
		d := keep(t, p, Options{})
		gets(t, d, "a")
		synctest.Wait()
		next := d.State().NextAt
		if in := time.Until(next); in < 80*time.Second || in > 90*time.Second {
			t.Errorf("in %v", in)
		}
		time.Sleep(time.Until(next) + time.Second)
		if asked := p.times(1); len(asked) != 1 || !asked[0].Equal(next) {
			t.Errorf("asked at %v, want %v", asked, next)
		}
	})
}

func TestFetchedIsToldBeforeAndChangedAfterAValueCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPublisher(t, says("a 100s"))
		var d *Document[string]
		var told []string
		begun := make(chan struct{}) // closed when d is there
		d = keep(t, p, Options{
			Fetched: func(err error) {
				<-begun
				if d.last.Load() != nil || err != nil {
					t.Errorf("it counts already, or %v", err)
				}
				told = append(told, "fetched")
			},
			Changed: func() {
				if d.last.Load() == nil {
					t.Error("it does not count yet")
				}
				told = append(told, "changed")
			},
		})
		close(begun)
		gets(t, d, "a")
		synctest.Wait()
		if strings.Join(told, " ") != "fetched changed" {
			t.Errorf("%q", told)
		}
	})
}

func TestSkewIsHowFarTheOtherClockIsAhead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 700e6, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for name, c := range map[string]struct {
		date, age string
		want      time.Duration
	}{
		"ok/the same":       {at(0), "", 0},
		"ok/ahead":          {at(5 * time.Minute), "", 5 * time.Minute},
		"ok/behind":         {at(-5 * time.Minute), "", -5 * time.Minute},
		"ok/out of a cache": {at(-5 * time.Minute), "300", 0},
		"deny/nothing":      {"", "", 0},
		"deny/no date":      {"yesterday", "", 0},
	} {
		h := http.Header{"Date": {c.date}, "Age": {c.age}}
		if got, ok := skew(h, now); got != c.want || ok != strings.HasPrefix(name, "ok/") {
			t.Errorf("%s: %v, %t", name, got, ok)
		}
	}
}
