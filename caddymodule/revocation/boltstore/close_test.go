package boltstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func TestCloseWaitsForTheWriteUnderWay(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := reopen(t, path)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var written []string
	started := make(chan struct{}, 4)
	for writer := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				e := token(fmt.Sprint(writer, "-", i))
				err := s.Add(t.Context(), e)
				if errors.Is(err, errClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				written = append(written, e.Value)
				mu.Unlock()
				if i == 3 {
					started <- struct{}{}
				}
			}
		})
	}
	for range 4 {
		<-started
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	s = reopen(t, path)
	defer closeStore(t, s)
	if n := count(t, s); n != len(written) {
		t.Errorf("%d entries, %d acknowledged", n, len(written))
	}
}

func TestWaitingForATurnEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	if err := s.take(t.Context()); err != nil { // as somebody who loads a long list
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error)
	go func() { results <- s.Add(ctx, token("1")) }()
	go func() { results <- s.Remove(ctx, token("1")) }()
	cancel()
	for range 2 {
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
	nothing := func(...revocation.Entry) { t.Error("told something") }
	if err := s.Follow(ctx, func() { t.Error("loaded") }, nothing, nothing); err != nil {
		t.Errorf("Follow = %v", err)
	}
	s.give()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestDamageFoundWhileFollowingIsAnError(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	if err := s.db.Update(func(tx *bbolt.Tx) error { return putRaw(tx, revocation.NumKinds) }); err != nil {
		t.Fatal(err)
	}
	nothing := func(...revocation.Entry) {}
	if err := s.Follow(t.Context(), func() { t.Error("loaded half a list") }, nothing, nothing); err == nil {
		t.Error("Follow: no error")
	}
	if _, _, err := s.Page(t.Context(), "", 10); err == nil {
		t.Error("Page: no error")
	}
}

func TestCursorsAreItsOwn(t *testing.T) {
	t.Parallel()
	s := reopen(t, newPath(t))
	defer closeStore(t, s)
	for _, cursor := range []string{"x", "AAAA", "?", "AQAAAAAAAAAAAAAAAAAAAAB", "AQAAAAAAAAAAAAAAAAAAAAA="} {
		if _, _, err := s.Page(t.Context(), cursor, 10); err == nil {
			t.Errorf("%q: no error", cursor)
		}
	}
	if err := s.Add(t.Context(), token("1")); err != nil {
		t.Fatal(err)
	}
	if page, next, err := s.Page(t.Context(), "", 1); err != nil || len(page) != 1 || next != "" {
		t.Errorf("a full last page: %v, %q, %v", page, next, err)
	}
}
