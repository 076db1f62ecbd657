package boltstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// grown is a file of which nearly everything was taken back, and what stays.
func grown(t *testing.T) (path string, stays []revocation.Entry) {
	t.Helper()
	path = newPath(t)
	s := reopen(t, path)
	var goes []revocation.Entry
	for i := range 60_000 {
		e := token(fmt.Sprintf("0b5c7a9e-4f0f-4f43-9c0d-%012d", i))
		if i%1000 == 0 {
			stays = append(stays, e)
		} else {
			goes = append(goes, e)
		}
	}
	if err := errors.Join(s.Add(t.Context(), goes...), s.Add(t.Context(), stays...), s.Remove(t.Context(), goes...), s.Close()); err != nil {
		t.Fatal(err)
	}
	return path, stays
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestAFileThatIsMostlyFreeIsMadeSmaller(t *testing.T) {
	t.Parallel()
	path, stays := grown(t)
	before := size(t, path)
	s := reopen(t, path)
	if after := size(t, path); before < 2*compactFrom || after > before/8 {
		t.Errorf("%d bytes before, %d after", before, after)
	}
	if n := count(t, s); n != len(stays) {
		t.Errorf("%d entries, want %d", n, len(stays))
	}
	if err := errors.Join(s.Add(t.Context(), token("new")), s.Close()); err != nil {
		t.Fatal(err)
	}
	after := size(t, path)
	s = reopen(t, path)
	defer closeStore(t, s)
	if n := count(t, s); n != len(stays)+1 || size(t, path) != after {
		t.Errorf("%d entries, %d bytes, want %d and %d", n, size(t, path), len(stays)+1, after)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".revocations-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Who waited for the lock of a file that was made anew holds a file without a name, where every write is lost.
func TestAFileWithoutANameIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	path, _ := grown(t)
	db, err := openFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan error)
	go func() {
		other, err := openFile(path, false)
		if err == nil {
			_ = other.Close()
		}
		opened <- err
	}()
	for waiting := false; !waiting; { // until the other one has opened the old file, and waits
		waiting = openTwice(t, path)
	}
	if smaller, err := compact(db, path); err != nil || !smaller {
		t.Fatalf("%t, %v", smaller, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err == nil {
		t.Error("opened what has no name any more")
	}
}

// openTwice reports whether this process has path open more than once.
func openTwice(t *testing.T, path string) bool {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && to == path {
			n++
		}
	}
	return n > 1
}

func TestACopyThatFailsLeavesTheFileAsItWas(t *testing.T) {
	t.Parallel()
	path, stays := grown(t)
	db, err := openFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	before := size(t, path)
	if smaller, err := compact(db, filepath.Join(filepath.Dir(path), "no such directory", "x")); err == nil || smaller {
		t.Errorf("%t, %v", smaller, err)
	}
	if err := db.View(func(*bbolt.Tx) error { return nil }); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil || size(t, path) != before {
		t.Errorf("%d bytes, %d before: %v", size(t, path), before, err)
	}
	s := reopen(t, path)
	defer closeStore(t, s)
	if n := count(t, s); n != len(stays) {
		t.Errorf("%d entries, want %d", n, len(stays))
	}
}
