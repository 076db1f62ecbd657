package boltstore

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// keyOf is the key of a token.
func keyOf(id string) revocation.Key { return token(id).Key() }

// consume asserts what a store says of a key at a time, whose token expires an hour later.
func consume(t *testing.T, s *store, key revocation.Key, now time.Time, want bool) {
	t.Helper()
	if first, err := s.consume(t.Context(), key, now.Add(time.Hour), now); err != nil || first != want {
		t.Errorf("first = %t, %v, want %t", first, err, want)
	}
}

// transactions is how many writes the file has seen.
func transactions(t *testing.T, s *store) (n int) {
	t.Helper()
	if err := s.db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// countUsed is how many keys the file holds.
func countUsed(t *testing.T, s *store) (n int) {
	t.Helper()
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(usedBucket).ForEach(func(_, _ []byte) error { n++; return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A thousand requests with one stolen token must not make the disk work a thousand times.
func TestOfManyWithOneKeyOneWrites(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	before := transactions(t, s)
	latchtest.ConsumeAtOnce(t, s)
	if n := transactions(t, s) - before; n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
}

func TestAFileWithoutUsedTokensIsLeftAsItWas(t *testing.T) {
	t.Parallel()
	path := written(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := reopen(t, path)
	closeStore(t, s)
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
	s = reopen(t, path)
	consume(t, s, keyOf("1"), noon, true)
	closeStore(t, s)
	s = reopen(t, path)
	defer closeStore(t, s)
	consume(t, s, keyOf("1"), noon, false)
	if n := count(t, s); n != pages {
		t.Errorf("%d entries, want %d", n, pages)
	}
}

func TestUsedTokensAreThereInASmallerFile(t *testing.T) {
	t.Parallel()
	path, _ := grown(t)
	db, err := openFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	s := newStore(db)
	consume(t, s, keyOf("1"), noon, true)
	closeStore(t, s)
	before := size(t, path)
	s = reopen(t, path)
	defer closeStore(t, s)
	if after := size(t, path); after > before/8 {
		t.Fatalf("%d bytes before, %d after", before, after)
	}
	consume(t, s, keyOf("1"), noon, false)
	consume(t, s, keyOf("2"), noon, true)
}

// A file written by this release is read by every later one.
func TestRecordOfAKeyDoesNotChangeBetweenReleases(t *testing.T) {
	t.Parallel()
	s, key := reopen(t, newPath(t)), keyOf("1")
	defer closeStore(t, s)
	consume(t, s, key, noon, true)
	var got string
	if err := s.db.View(func(tx *bbolt.Tx) error { got = hex.EncodeToString(tx.Bucket([]byte("used")).Get(key[:])); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := "0000000070dde0d0" + "e120b2c6"; got != want {
		t.Errorf("record is %s", got)
	}
}

// A full disk: nobody is told to be the first of what was not written, and when there is room somebody is.
func TestAKeyThatWasNotWrittenIsAnError(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := reopen(t, path)
	defer closeStore(t, s)
	s.db.MaxSize = int(size(t, path))
	failed := false
	for i := 0; i < 5000 && !failed; i++ {
		key := keyOf(fmt.Sprint(i))
		first, err := s.consume(t.Context(), key, noon.Add(time.Hour), noon)
		if failed = err != nil; !failed {
			continue
		}
		if first || !errors.Is(err, bolterrors.ErrMaxSizeReached) {
			t.Errorf("first = %t, %v", first, err)
		}
		s.db.MaxSize = 0
		consume(t, s, key, noon, true)
		consume(t, s, key, noon, false)
	}
	if !failed {
		t.Error("the file was never full: the test looked at nothing")
	}
}

func TestKeysGoAfterTheirGraceAndNotBefore(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	year := noon.AddDate(1, 0, 0)
	if first, err := s.consume(t.Context(), keyOf("long"), year, noon); !first || err != nil {
		t.Fatalf("first = %t, %v", first, err)
	}
	for _, step := range []struct {
		id   string
		now  time.Time
		want int
	}{
		{"1", noon, 2},
		{"2", noon.Add(time.Hour), 3},
		{"3", noon.Add(25 * time.Hour), 4},    // the grace of 1 ends now
		{"4", noon.Add(26 * time.Hour), 5},    // it is over, and nobody looks yet
		{"5", noon.Add(50 * time.Hour), 4},    // 1 and 2 go
		{"6", noon.Add(-9000 * time.Hour), 5}, // nothing goes by a clock that is behind
		{"7", noon.Add(75 * time.Hour), 3},    // 3, 4 and 6 go
		{"8", year.Add(48 * time.Hour), 1},    // the long one goes too
	} {
		consume(t, s, keyOf(step.id), step.now, true)
		if n := countUsed(t, s); n != step.want {
			t.Errorf("after %s: %d keys, want %d", step.id, n, step.want)
		}
	}
}

// A clock that runs ahead of a token that was let in forgets nothing that the end of this token does not.
func TestNothingGoesByAClockThatNoTokenBearsOut(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	consume(t, s, keyOf("1"), noon, true)
	if first, err := s.consume(t.Context(), keyOf("2"), noon.Add(2*time.Hour), noon.AddDate(50, 0, 0)); !first || err != nil {
		t.Fatalf("first = %t, %v", first, err)
	}
	consume(t, s, keyOf("1"), noon, false)
}
