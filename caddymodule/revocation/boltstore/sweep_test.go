package boltstore

import (
	"errors"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func TestRecordsEndWhenTheyShould(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	end := noon.Add(time.Hour)
	keep(t, s, "1", "ana", end)
	holds(t, s, "1", "ana", end.Add(-time.Millisecond))
	holds(t, s, "1", "", end)
	if all, err := s.records(t.Context(), in, end); err != nil || len(all) != 0 {
		t.Errorf("%d records, %v", len(all), err)
	}
	if swapped, err := s.swap(t.Context(), in, "1", []byte("ana"), nil, end, end); swapped || err != nil {
		t.Errorf("taken out at its end: swapped = %t, %v", swapped, err)
	}
	if swapped, err := s.swap(t.Context(), in, "1", nil, []byte("ben"), end.Add(time.Hour), end); !swapped || err != nil {
		t.Errorf("new at the end of the old one: swapped = %t, %v", swapped, err)
	}
	if n := countKept(t, s); n != 1 || s.tallies[in].n != 1 {
		t.Errorf("%d records, counted %d, want 1", n, s.tallies[in].n)
	}
}

func TestWhatEndedIsSweptOnceInAWhile(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	for _, step := range []struct {
		key       string
		now, ends time.Duration
		want      int
	}{
		{"1", 0, time.Hour, 1},
		{"2", 2 * time.Hour, 3 * time.Hour, 2},                   // 1 is over, and nobody looks yet
		{"3", -9000 * time.Hour, 100 * time.Hour, 3},             // nothing goes by a clock that is behind
		{"4", 9000 * time.Hour, time.Minute, 4},                  // nor by one that no record bears out
		{"5", 25 * time.Hour, 26 * time.Hour, 2},                 // 1, 2 and 4 go
		{"6", 200 * time.Hour, 300 * time.Hour, 1},               // 3 and 5 go
		{"7", 9000 * time.Hour, 9000*time.Hour + time.Minute, 1}, // 6 goes
	} {
		if swapped, err := s.swap(t.Context(), in, step.key, nil, []byte("ana"), noon.Add(step.ends), noon.Add(step.now)); err != nil || !swapped {
			t.Fatalf("%s: swapped = %t, %v", step.key, swapped, err)
		}
		if n := countKept(t, s); n != step.want || s.tallies[in].n != n {
			t.Errorf("after %s: %d records, counted %d, want %d", step.key, n, s.tallies[in].n, step.want)
		}
	}
}

// Of a full drawer some records end in an hour; what else it holds stays for a year.
func TestAFullDrawerTakesNothingMore(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := reopen(t, path)
	hour, year := noon.Add(time.Hour), noon.AddDate(1, 0, 0)
	fill(t, s, revocation.MaxRecords-1, "ana", func(i int) time.Time {
		if i < 3 {
			return hour
		}
		return year
	})
	keep(t, s, "last", "ana", year)
	full := func(now time.Time) {
		t.Helper()
		before := transactions(t, s)
		if swapped, err := s.swap(t.Context(), in, "more", nil, []byte("ben"), year, now); swapped || !errors.Is(err, revocation.ErrDrawerFull) {
			t.Errorf("swapped = %t, %v", swapped, err)
		}
		if n := transactions(t, s); n != before {
			t.Error("the disk had to work for what was refused")
		}
	}
	full(noon)
	closeStore(t, s)
	s = reopen(t, path)
	defer closeStore(t, s)
	full(noon)
	full(hour.Add(-time.Millisecond))
	swap := func(doing string, drawer revocation.Drawer, key string, old, value []byte, now time.Time) {
		t.Helper()
		if swapped, err := s.swap(t.Context(), drawer, key, old, value, year, now); !swapped || err != nil {
			t.Errorf("%s: swapped = %t, %v", doing, swapped, err)
		}
	}
	swap("the other drawer", revocation.Invitations, "more", nil, []byte("ben"), noon)
	swap("what stands there, changed", in, "last", []byte("ana"), []byte("ben"), noon)
	full(noon)
	swap("what stands there, taken out", in, "last", []byte("ben"), nil, noon)
	swap("in its place", in, "more-0", nil, []byte("ben"), noon)
	full(noon)
	if swapped, err := s.swap(t.Context(), in, "more-0", []byte("ben"), []byte("ben"), noon.Add(time.Minute), noon); !swapped || err != nil {
		t.Errorf("the end moved: swapped = %t, %v", swapped, err)
	}
	full(noon)
	swap("in the place of one whose end was moved", in, "moved", nil, []byte("ben"), noon.Add(time.Minute))
	swap("over, in its own place", in, "filled-000000", nil, []byte("ben"), hour)
	swap("over, in the place of one", in, "more-1", nil, []byte("ben"), hour)
	swap("over, in the place of another", in, "more-2", nil, []byte("ben"), hour)
	full(hour)
	if n := countKept(t, s); n != revocation.MaxRecords+1 {
		t.Errorf("%d records, want %d and one of the other drawer", n, revocation.MaxRecords)
	}
}

// More end at once than one write takes out.
func TestASweepIsDoneInParts(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	fill(t, s, 2*pruneMost+10, "ana", always(noon))
	for i, want := range []int{pruneMost + 10 + 1, 10 + 2, 3, 4} {
		keep(t, s, string(rune('a'+i)), "ben", noon.Add(time.Hour))
		if n := countKept(t, s); n != want || s.tallies[in].n != n {
			t.Errorf("write %d: %d records, counted %d, want %d", i, n, s.tallies[in].n, want)
		}
	}
}
