package latchtest

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// storePatience is how long a store may take for what it does in the background.
const storePatience = 10 * time.Second

// storeTime is when sample entries were made.
var storeTime = time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)

type entryMap map[revocation.Key]revocation.Entry

// sampleEntries makes valid entries of every kind; no other label has the same names, but for kinds all and hold.
func sampleEntries(label string) []revocation.Entry {
	issuer, hash := "https://issuer.test/"+label, strings.Repeat(fmt.Sprintf("%x", label), 43)[:42]+"A"
	all := []revocation.Entry{
		{Kind: revocation.KindToken, Issuer: issuer, Value: label, ExpiresAt: storeTime.AddDate(9, 0, 0), Reason: "lost phone"},
		{Kind: revocation.KindToken, Issuer: issuer, Value: strings.Repeat("v", revocation.MaxValue), Reason: strings.Repeat("r", revocation.MaxReason)},
		{Kind: revocation.KindFingerprint, Value: hash, ExpiresAt: storeTime.AddDate(9, 0, 0)},
		{Kind: revocation.KindSession, Issuer: issuer, Value: "sid:\x00 \"\\ \u2028"},
		{Kind: revocation.KindSubject, Issuer: issuer, Value: "Ana Ђ 🤖", IssuedBefore: storeTime, Reason: "señal"},
		{Kind: revocation.KindSubject, Value: label}, // of a nameless secret
		{Kind: revocation.KindKey, Value: hash, IssuedBefore: storeTime},
		{Kind: revocation.KindIssuer, Issuer: issuer, IssuedBefore: storeTime},
		{Kind: revocation.KindAll, IssuedBefore: storeTime},
		{Kind: revocation.KindHold, Reason: "water in the cellar"},
	}
	for i := range all {
		all[i].At = storeTime
	}
	return all
}

// storeFollower is what one Follow was told.
type storeFollower struct {
	add, remove func(...revocation.Entry)
	ended       chan error
	cancel      context.CancelFunc

	mu      sync.Mutex
	entries entryMap
}

// followStore follows s and returns when it has loaded.
func followStore(t *testing.T, s revocation.Store) *storeFollower {
	t.Helper()
	f := &storeFollower{entries: entryMap{}}
	f.add = func(entries ...revocation.Entry) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, e := range entries {
			if err := e.Validate(); err != nil || e != e.Canonical() {
				t.Errorf("told of an entry that is not valid or not canonical: %v", err)
			}
			if old, ok := f.entries[e.Key()]; ok {
				e = old.Merge(e)
			}
			f.entries[e.Key()] = e
		}
	}
	f.remove = func(entries ...revocation.Entry) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, e := range entries {
			delete(f.entries, e.Key())
		}
	}
	f.start(t, s)
	return f
}

func (f *storeFollower) start(t *testing.T, s revocation.Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f.cancel, f.ended = cancel, make(chan error, 1)
	loaded := make(chan struct{})
	go func() {
		// Loaded a second time it panics.
		f.ended <- s.Follow(ctx, func() { close(loaded) }, f.add, f.remove)
	}()
	select {
	case <-loaded:
	case err := <-f.ended:
		t.Fatalf("Follow returned %v before it loaded", err)
	case <-time.After(storePatience):
		t.Fatal("Follow did not load")
	}
}

func (f *storeFollower) stop(t *testing.T) {
	t.Helper()
	f.cancel()
	select {
	case err := <-f.ended:
		mustDo(t, "following", err)
	case <-time.After(storePatience):
		t.Fatal("Follow still runs after its context ended")
	}
}

func (f *storeFollower) seen() entryMap {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.entries)
}

// listEntries goes through all pages.
func listEntries(t *testing.T, s revocation.Store, limit int) entryMap {
	t.Helper()
	found, cursor := entryMap{}, ""
	for {
		page, next, err := s.Page(t.Context(), cursor, limit)
		mustDo(t, "paging", err)
		if len(page) > limit {
			t.Fatalf("page of %d entries, limit %d", len(page), limit)
		}
		collectEntries(t, found, page)
		if cursor = next; cursor == "" {
			return found
		}
	}
}

func collectEntries(t *testing.T, found entryMap, page []revocation.Entry) {
	t.Helper()
	for _, e := range page {
		if _, twice := found[e.Key()]; twice {
			t.Fatalf("a name of kind %s is listed twice", e.Kind)
		}
		found[e.Key()] = e
	}
}

func hasEntries(t *testing.T, where string, found entryMap, want ...revocation.Entry) {
	t.Helper()
	for _, e := range want {
		if got, ok := found[e.Key()]; !ok {
			t.Errorf("%s: entry of kind %s missing", where, e.Kind)
		} else if got != e {
			t.Errorf("%s: entry is\n%+v, want\n%+v", where, got, e)
		}
	}
}

func hasNoEntries(t *testing.T, where string, found entryMap, gone ...revocation.Entry) {
	t.Helper()
	for _, e := range gone {
		if _, ok := found[e.Key()]; ok {
			t.Errorf("%s: entry of kind %s is there", where, e.Kind)
		}
	}
}

func mustDo(t *testing.T, doing string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", doing, err)
	}
}
