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

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// fill puts n records into a drawer, in one write, past every bound.
func fill(t *testing.T, s *store, n int, value string, ends func(i int) time.Time) {
	t.Helper()
	err := s.update(func(tx *bbolt.Tx) error {
		b, err := makeDrawers(tx)
		for i := 0; i < n && err == nil; i++ {
			key := keptKey(in, fmt.Sprintf("filled-%06d", i))
			err = b.Put(key, encodeKept(key, []byte(value), ends(i)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func always(end time.Time) func(int) time.Time { return func(int) time.Time { return end } }

// kept returns the path of a store with some pages of records, of which some need pages of their own.
func kept(t *testing.T) string {
	t.Helper()
	path := newPath(t)
	s := reopen(t, path)
	fill(t, s, pages, strings.Repeat("ana", 50), always(noon.Add(time.Hour)))
	keep(t, s, "long", strings.Repeat("x", revocation.MaxRecord), noon.Add(time.Hour))
	closeStore(t, s)
	return path
}

// A record that was lost is not one that never was: an invitation could be accepted a second time.
func TestDamagedDrawersAreAnError(t *testing.T) {
	t.Parallel()
	key := keptKey(in, "filled-000000")
	record := encodeKept(key, []byte("ana"), noon)
	put := func(key string, record []byte) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket(drawersBucket).Put([]byte(key), record) }
	}
	flipped := func(i int) []byte {
		b := bytes.Clone(record)
		b[i] ^= 1
		return b
	}
	for name, c := range map[string]struct {
		write func(*bbolt.Tx) error
		want  string
	}{
		"deny/bucket lost":  {func(tx *bbolt.Tx) error { return tx.DeleteBucket(drawersBucket) }, "damaged"},
		"deny/mark lost":    {func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Delete(drawersMark) }, "damaged"},
		"deny/newer":        {func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(drawersMark, []byte("2")) }, "newer"},
		"deny/no record":    {put(string(key), nil), "damaged"},
		"deny/no value":     {put(string(key), encodeKept(key, nil, noon)), "damaged"},
		"deny/no key":       {put("\x02", encodeKept([]byte("\x02"), []byte("ana"), noon)), "damaged"},
		"deny/of another":   {put("\x02filled-000001", record), "damaged"},
		"deny/other drawer": {put("\x01filled-000000", record), "damaged"},
		"deny/other end":    {put(string(key), flipped(7)), "damaged"},
		"deny/other value":  {put(string(key), flipped(8)), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := kept(t)
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

func TestNoPageOfDrawersIsLostUnseen(t *testing.T) {
	t.Parallel()
	page := os.Getpagesize()
	original, err := os.ReadFile(kept(t))
	if err != nil {
		t.Fatal(err)
	}
	path, refused := newPath(t), 0
	for at := 2 * page; at < len(original); at += page {
		b := bytes.Clone(original)
		clear(b[at : at+page])
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := open(t.Context(), path, false)
		if err != nil {
			refused++
			continue
		}
		if n := countKept(t, s); n != pages+1 {
			t.Errorf("page %d lost: %d records left, no error", at/page, n)
		}
		closeStore(t, s)
	}
	if refused < 10 {
		t.Errorf("%d pages are missed when they are lost: the test looked at next to nothing", refused)
	}
}

// What goes bad while the latch runs is an error, whoever comes across it, and is not swept away as past its end.
func TestADamagedRecordIsNotNothing(t *testing.T) {
	t.Parallel()
	key := keptKey(in, "1")
	bad := encodeKept(key, []byte("ana"), noon.Add(time.Hour))
	bad[0] |= 0x80 // ends long before 1970
	for name, write := range map[string]func(*bbolt.Tx) error{
		"record":      func(tx *bbolt.Tx) error { return tx.Bucket(drawersBucket).Put(key, bad) },
		"bucket lost": func(tx *bbolt.Tx) error { return tx.DeleteBucket(drawersBucket) },
	} {
		s := reopen(t, newPath(t))
		keep(t, s, "1", "ana", noon.Add(time.Hour))
		if err := s.db.Update(write); err != nil {
			t.Fatal(err)
		}
		if value, err := s.record(t.Context(), in, "1", noon); value != nil || err == nil {
			t.Errorf("%s: Record: no error", name)
		}
		if all, err := s.records(t.Context(), in, noon); all != nil || err == nil {
			t.Errorf("%s: Records: no error", name)
		}
		for _, old := range [][]byte{nil, []byte("ana")} {
			if swapped, err := s.swap(t.Context(), in, "1", old, []byte("ben"), noon.Add(time.Hour), noon); swapped || err == nil {
				t.Errorf("%s: swapped = %t, no error", name, swapped)
			}
		}
		day := noon.AddDate(0, 0, 2) // when it is swept
		if swapped, err := s.swap(t.Context(), in, "2", nil, []byte("ben"), day.Add(time.Hour), day); swapped || err == nil {
			t.Errorf("%s: swept: swapped = %t, no error", name, swapped)
		}
		closeStore(t, s)
	}
}

// A version that knows more drawers leaves a file that this one reads, and does not touch what it does not know.
func TestADrawerOfANewerVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := reopen(t, path)
	keep(t, s, "1", "ana", noon.Add(time.Hour))
	key := keptKey(revocation.NumDrawers, "1")
	err := s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(drawersBucket).Put(key, encodeKept(key, []byte("x"), noon)) })
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, path)
	defer closeStore(t, s)
	if swapped, err := s.swap(t.Context(), in, "2", nil, []byte("ben"), noon.AddDate(2, 0, 0), noon.AddDate(1, 0, 0)); err != nil || !swapped {
		t.Errorf("swapped = %t, %v", swapped, err)
	}
	if all, err := s.records(t.Context(), in, noon); err != nil || len(all) != 1 || countKept(t, s) != 2 {
		t.Errorf("%d of ours, %d in all, want 1 and 2: %v", len(all), countKept(t, s), err)
	}
}
