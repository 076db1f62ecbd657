package boltstore

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

const in = revocation.Sessions

// keep puts a record in that is not there, at noon, and asserts that this was possible.
func keep(t *testing.T, s *store, key, value string, expires time.Time) {
	t.Helper()
	if swapped, err := s.swap(t.Context(), in, key, nil, []byte(value), expires, noon); err != nil || !swapped {
		t.Fatalf("%s: swapped = %t, %v", key, swapped, err)
	}
}

// holds asserts what stands under a key at a time.
func holds(t *testing.T, s *store, key, want string, now time.Time) {
	t.Helper()
	if value, err := s.record(t.Context(), in, key, now); err != nil || string(value) != want {
		t.Errorf("%s: %d bytes, or others than it should, %v", key, len(value), err)
	}
}

// countKept is how many records the file holds, those past their end too.
func countKept(t *testing.T, s *store) (n int) {
	t.Helper()
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(drawersBucket).ForEach(func(_, _ []byte) error { n++; return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Two hundred who accept one invitation must not make the disk work two hundred times.
func TestOfManyWhoSwapOneWrites(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	before := transactions(t, s)
	latchtest.SwapAtOnce(t, s)
	const counted = 8*5 + 1 // by those who count together, of whom the last takes the record out
	if n := transactions(t, s) - before; n != 3+counted {
		t.Errorf("%d writes, want %d", n, 3+counted)
	}
}

func TestAFileWithoutDrawersIsLeftAsItWas(t *testing.T) {
	t.Parallel()
	path := written(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := reopen(t, path)
	holds(t, s, "1", "", noon)
	if all, err := s.records(t.Context(), in, noon); err != nil || len(all) != 0 {
		t.Errorf("%d records, %v", len(all), err)
	}
	if swapped, err := s.swap(t.Context(), in, "1", []byte("old"), nil, noon, noon); swapped || err != nil {
		t.Errorf("swapped = %t, %v", swapped, err)
	}
	closeStore(t, s)
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
	s = reopen(t, path)
	keep(t, s, "1", "ana", noon.Add(time.Hour))
	closeStore(t, s)
	s = reopen(t, path)
	defer closeStore(t, s)
	holds(t, s, "1", "ana", noon)
	if n := count(t, s); n != pages {
		t.Errorf("%d entries, want %d", n, pages)
	}
}

func TestRecordsAreThereInASmallerFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := reopen(t, path)
	fill(t, s, 3000, strings.Repeat("x", revocation.MaxRecord), always(noon))
	keep(t, s, "1", "ana", noon.Add(time.Hour)) // the others go
	closeStore(t, s)
	before := size(t, path)
	s = reopen(t, path)
	defer closeStore(t, s)
	if after := size(t, path); before < 2*compactFrom || after > before/8 {
		t.Fatalf("%d bytes before, %d after", before, after)
	}
	holds(t, s, "1", "ana", noon)
	keep(t, s, "2", "ben", noon.Add(time.Hour))
}

// A file written by this release is read by every later one.
func TestWhatIsKeptDoesNotChangeBetweenReleases(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	keep(t, s, "a-key", "ana", noon.Add(time.Hour+time.Millisecond))
	var got string
	if err := s.db.View(func(tx *bbolt.Tx) error {
		got = hex.EncodeToString(tx.Bucket([]byte("drawers")).Get([]byte("\x02a-key")))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := "000001b8e2b62c81" + hex.EncodeToString([]byte("ana")) + "dfa2b1fa"; got != want {
		t.Errorf("record is %s", got)
	}
}

// A full disk: nobody is told that it was done, and when there is room it can be.
func TestARecordThatWasNotWrittenIsAnError(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := reopen(t, path)
	defer closeStore(t, s)
	keep(t, s, "first", "ana", noon.Add(time.Hour))
	s.db.MaxSize = int(size(t, path))
	value := []byte(strings.Repeat("x", revocation.MaxRecord))
	for i := range 5000 {
		key := fmt.Sprint(i)
		swapped, err := s.swap(t.Context(), in, key, nil, value, noon.Add(time.Hour), noon)
		if err == nil {
			continue
		}
		if swapped || !errors.Is(err, bolterrors.ErrMaxSizeReached) {
			t.Errorf("swapped = %t, %v", swapped, err)
		}
		holds(t, s, key, "", noon)
		s.db.MaxSize = 0
		keep(t, s, key, "ben", noon.Add(time.Hour))
		if got, want := s.tallies[in].n, countKept(t, s); got != want {
			t.Errorf("counted %d records, there are %d", got, want)
		}
		return
	}
	t.Error("the file was never full: the test looked at nothing")
}
