package boltstore

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func token(id string) revocation.Entry {
	return revocation.Entry{Kind: revocation.KindToken, Issuer: "https://id.example.com/", Value: id, At: noon}
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "revocations.db") }

// pages is how many entries fill a couple of dozen pages.
const pages = 400

// written returns the path of a store with some pages of entries.
func written(t testing.TB) string {
	t.Helper()
	path := newPath(t)
	s := reopen(t, path)
	var entries []revocation.Entry
	for i := range pages {
		entries = append(entries, token(strings.Repeat(string(rune('a'+i%26)), 1+i/26)))
	}
	if err := errors.Join(s.Add(t.Context(), entries...), s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func change(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A list that was lost must never look like an empty one.
func TestDamagedFileIsAnError(t *testing.T) {
	t.Parallel()
	page := os.Getpagesize()
	for name, damage := range map[string]func([]byte) []byte{
		"empty":              func([]byte) []byte { return nil },
		"one byte":           func(b []byte) []byte { return b[:1] },
		"one page":           func(b []byte) []byte { return b[:page] },
		"four pages":         func(b []byte) []byte { return b[:4*page] },
		"half":               func(b []byte) []byte { return b[:len(b)/2] },
		"text":               func([]byte) []byte { return bytes.Repeat([]byte("token 1\n"), 4096) },
		"zeros":              func(b []byte) []byte { return make([]byte, len(b)) },
		"both metas zero":    func(b []byte) []byte { clear(b[:2*page]); return b },
		"all but metas zero": func(b []byte) []byte { clear(b[2*page:]); return b },
		"all but metas ones": func(b []byte) []byte {
			copy(b[2*page:], bytes.Repeat([]byte{0xff}, len(b)))
			return b
		},
		"one letter of an entry": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("id.example.com"), []byte("id.exbmple.com")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := written(t)
			change(t, path, damage)
			s, err := open(t.Context(), path, false)
			if err == nil {
				t.Fatalf("opened, %v", s.Close())
			}
			t.Log(err)
			// Nothing is held after an error: the lock is free, and the answer the same.
			again, err2 := open(t.Context(), path, false)
			if err2 == nil || err2.Error() != err.Error() {
				t.Errorf("opened again: %v, %v", again, err2)
			}
		})
	}
}

// Whatever single page is lost, the answer is an error or everything.
func TestNoPageIsLostUnseen(t *testing.T) {
	t.Parallel()
	page := os.Getpagesize()
	original, err := os.ReadFile(written(t))
	if err != nil {
		t.Fatal(err)
	}
	path := newPath(t)
	for at := 0; at < len(original); at += page {
		b := bytes.Clone(original)
		clear(b[at : at+page])
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := open(t.Context(), path, false)
		if err != nil {
			if strings.Contains(err.Error(), "another process") {
				t.Fatalf("page %d: the lock was kept", at/page)
			}
			continue
		}
		if n := count(t, s); n != pages && at >= 2*page { // the metas stand for each other, after a crash too
			t.Errorf("page %d lost: %d entries left, no error", at/page, n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func count(t *testing.T, s *store) (n int) {
	t.Helper()
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(entriesBucket).ForEach(func(_, _ []byte) error { n++; return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOtherFormatsAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		write func(*bbolt.Tx) error
		want  string
	}{
		"newer":        {func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(formatKey, []byte("2")) }, "newer"},
		"no format":    {func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Delete(formatKey) }, "format"},
		"no meta":      {func(tx *bbolt.Tx) error { return tx.DeleteBucket(metaBucket) }, "not a revocation store"},
		"no entries":   {func(tx *bbolt.Tx) error { return tx.DeleteBucket(entriesBucket) }, "not a revocation store"},
		"unknown kind": {func(tx *bbolt.Tx) error { return putRaw(tx, revocation.NumKinds) }, "newer"},
		"no kind":      {func(tx *bbolt.Tx) error { return putRaw(tx, 0) }, "newer"},
		"short":        {func(tx *bbolt.Tx) error { return tx.Bucket(entriesBucket).Put([]byte{1}, nil) }, "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			s := reopen(t, path)
			if err := errors.Join(s.db.Update(c.write), s.Close()); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			if _, err := open(t.Context(), path, false); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func putRaw(tx *bbolt.Tx, kind byte) error {
	key := recordKey(token("1"))
	key[0] = kind
	return tx.Bucket(entriesBucket).Put(key, encode(key, token("1")))
}

func TestFileHasOneProcess(t *testing.T) {
	t.Parallel()
	c := &Config{path: newPath(t)}
	s, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_, err = c.Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "another process") || !strings.Contains(err.Error(), c.path) {
		t.Errorf("second open: %v", err)
	}
	if took := time.Since(start); took > 10*lockTimeout {
		t.Errorf("waited %v", took)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if s, err = c.Open(t.Context()); err != nil {
		t.Fatalf("after the first let go: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestNothingIsMadeOverWhatIsThere(t *testing.T) {
	t.Parallel()
	path := written(t)
	before, _ := os.ReadFile(path)
	if err := create(path); err != nil {
		t.Errorf("somebody else made it meanwhile: %v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file was replaced")
	}
	if _, err := open(t.Context(), t.TempDir(), false); err == nil {
		t.Error("a directory: no error")
	}
}
