package boltstore

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// A full disk: what could not be written was not added, and the file goes on when there is room.
func TestFailedWriteReachesTheCaller(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := reopen(t, path)
	if s.db.NoSync || s.db.NoGrowSync {
		t.Error("writes are not synced")
	}
	var l revocation.List
	source, err := l.Source("bolt")
	if err != nil {
		t.Fatal(err)
	}
	loaded := make(chan struct{})
	go func() { _ = s.Follow(t.Context(), func() { close(loaded) }, source.Add, source.Remove) }()
	<-loaded
	if err := s.Add(t.Context(), token("before")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	s.db.MaxSize = int(info.Size())
	var many []revocation.Entry
	for i := range 5000 {
		many = append(many, token(strings.Repeat("x", 1+i%1000)+string(rune('a'+i/1000))))
	}
	if err := s.Add(t.Context(), many...); !errors.Is(err, bolterrors.ErrMaxSizeReached) {
		t.Errorf("full: %v", err)
	}
	if l.Len()[revocation.KindToken] != 1 {
		t.Errorf("told of what was not written: %v", l.Len())
	}
	s.db.MaxSize = 0
	if err := s.Add(t.Context(), many...); err != nil {
		t.Errorf("room again: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s = reopen(t, path)
	if n := count(t, s); n != 5001 {
		t.Errorf("%d entries", n)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestEntriesPastTheirEndGoWithALaterWrite(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	var entries []revocation.Entry
	for i := range pruneMost + 10 {
		e := token(strings.Repeat("x", 1+i%1000) + string(rune('a'+i/1000)))
		e.ExpiresAt = noon.Add(time.Hour)
		entries = append(entries, e)
	}
	later := func(id string, hours int) revocation.Entry {
		e := token(id)
		e.At = noon.Add(time.Duration(hours) * time.Hour)
		return e
	}
	for _, step := range []struct {
		add  []revocation.Entry
		want int
	}{
		{entries, pruneMost + 10},
		{[]revocation.Entry{later("day", 24)}, pruneMost + 11},  // a day after it was made, an hour before it goes
		{[]revocation.Entry{later("2 days", 49)}, 10 + 2},       // as many as one write takes
		{[]revocation.Entry{later("the rest", 49)}, 3},          // the next one
		{[]revocation.Entry{later("soon again", 50)}, 4},        // not looked for
		{[]revocation.Entry{later("a year on", 365*24)}, 5},     // no end, no going
		{[]revocation.Entry{later("clock set back", -9000)}, 6}, // nothing goes by a clock that is behind
	} {
		if err := s.Add(t.Context(), step.add...); err != nil {
			t.Fatal(err)
		}
		if n := count(t, s); n != step.want {
			t.Errorf("after %s: %d entries, want %d", step.add[0].Value[:3], n, step.want)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
