package revocation

import (
	"testing"
	"time"
)

func TestCutOffIsTheLatestThatIsKnown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		now, issued, made, want time.Time // zero: none; an error
	}{
		"ok/nothing known":                 {now: noon, want: noon},
		"ok/fraction dropped":              {now: noon.Add(time.Second - 1), want: noon},
		"ok/issuer ahead":                  {now: noon, issued: noon.Add(3 * time.Second), want: noon.Add(3 * time.Second)},
		"ok/issuer behind":                 {now: noon, issued: noon.Add(-time.Hour), want: noon},
		"ok/other latch a little ahead":    {now: noon, made: noon.Add(Skew), want: noon.Add(Skew)},
		"ok/entry older":                   {now: noon, made: noon.AddDate(-1, 0, 0), want: noon},
		"ok/booted in 1970, nothing known": {now: time.Unix(60, 0), issued: noon, want: noon},
		"deny/booted in 1970":              {now: time.Unix(60, 0), made: noon.AddDate(-1, 0, 0)},
		"deny/behind the newest":           {now: noon, issued: noon, made: noon.Add(Skew + time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l List
			l.SawIssuedAt(c.issued)
			l.SawIssuedAt(c.issued.Add(-time.Minute))
			if !c.made.IsZero() {
				e := Entry{Kind: KindToken, Value: "x", At: c.made}
				source(t, &l, "a").Add(e, Entry{Kind: KindToken, Value: "y", At: c.made.AddDate(-1, 0, 0)})
				source(t, &l, "a").Remove(e) // forgotten is the entry, not the time
			}
			if !l.Newest().Equal(c.made) {
				t.Errorf("Newest = %v", l.Newest())
			}
			if got, err := l.Cutoff(c.now); !got.Equal(c.want) || (err != nil) != c.want.IsZero() {
				t.Errorf("Cutoff = %v, %v, want %v", got, err, c.want)
			}
		})
	}
}
