package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// used returns the path of a store with some pages of keys.
func used(t *testing.T) string {
	t.Helper()
	path := newPath(t)
	s := reopen(t, path)
	err := s.update(func(tx *bbolt.Tx) error {
		for i := range pages {
			if err := putUsed(tx, keyOf(fmt.Sprint(i)), noon); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// A key that was lost would open the door a second time.
func TestDamagedKeysAreAnError(t *testing.T) {
	t.Parallel()
	record := appendSum([]byte("0123456789abcdef"), make([]byte, 8))
	for name, c := range map[string]struct {
		write func(*bbolt.Tx) error
		want  string
	}{
		"deny/bucket lost": {func(tx *bbolt.Tx) error { return tx.DeleteBucket(usedBucket) }, "damaged"},
		"deny/mark lost":   {func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Delete(usedMark) }, "damaged"},
		"deny/newer":       {func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(usedMark, []byte("2")) }, "newer"},
		"deny/short":       {func(tx *bbolt.Tx) error { return tx.Bucket(usedBucket).Put([]byte("1"), nil) }, "damaged"},
		"deny/of another":  {func(tx *bbolt.Tx) error { return tx.Bucket(usedBucket).Put([]byte("fedcba9876543210"), record) }, "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := used(t)
			s := reopen(t, path)
			if err := errors.Join(s.db.Update(c.write), s.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := open(t.Context(), path, false); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestNoPageOfKeysIsLostUnseen(t *testing.T) {
	t.Parallel()
	page := os.Getpagesize()
	original, err := os.ReadFile(used(t))
	if err != nil {
		t.Fatal(err)
	}
	path := newPath(t)
	for at := 2 * page; at < len(original); at += page {
		b := bytes.Clone(original)
		clear(b[at : at+page])
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := open(t.Context(), path, false)
		if err != nil {
			continue
		}
		if n := countUsed(t, s); n != pages {
			t.Errorf("page %d lost: %d keys left, no error", at/page, n)
		}
		closeStore(t, s)
	}
}

// A record that goes bad while the latch runs is no key that was never there.
func TestADamagedKeyIsNotTheFirst(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	consume(t, s, keyOf("1"), noon, true)
	key := keyOf("1")
	record := appendSum(key[:], make([]byte, 8))
	record[0] ^= 1
	if err := s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(usedBucket).Put(key[:], record) }); err != nil {
		t.Fatal(err)
	}
	if first, err := s.consume(t.Context(), key, noon.Add(time.Hour), noon); first || !errors.Is(err, errDamaged) {
		t.Errorf("first = %t, %v", first, err)
	}
}
