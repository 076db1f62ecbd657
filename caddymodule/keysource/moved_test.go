package keysource_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/keysource"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

func TestASetThatMovesIsFollowedOnceItsNewPlaceAnswers(t *testing.T) {
	t.Parallel()
	before, oldID := key(t)
	after, newID := key(t)
	const metadata = `{"issuer":"{}","jwks_uri":"{}/%s"}`
	s := newServer(t, map[string]string{oidc: fmt.Sprintf(metadata, "old"), "/old": before})
	d := s.discover(t, "{}", keysource.Options{Remote: remote.Options{MinAge: 20 * time.Millisecond, MaxAge: 20 * time.Millisecond}})
	if found, err := finds(t, d, "", oldID); !found {
		t.Fatal(err)
	}
	s.says(oidc, fmt.Sprintf(metadata, "new")) // where nothing is yet
	until(t, func() bool { return s.hits("/new") > 0 })
	for range 5 {
		if found, err := finds(t, d, "", oldID); !found || err != nil {
			t.Fatalf("the last set is gone: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := d.State().Err; err == nil || !strings.Contains(err.Error(), "moved") {
		t.Errorf("nobody is told why the old place still counts: %v", err)
	}
	s.says("/new", after)
	until(t, func() bool { found, _ := finds(t, d, "", newID); return found })
	if found, _ := finds(t, d, "", oldID); found {
		t.Error("the set of the old place still counts")
	}
	n := s.hits("/old")
	time.Sleep(100 * time.Millisecond)
	if s.hits("/old") > n+1 {
		t.Error("the old place is still asked")
	}
	s.says(oidc, fmt.Sprintf(metadata, "third")) // and back, before the third has answered
	until(t, func() bool { return s.hits("/third") > 0 })
	s.says(oidc, fmt.Sprintf(metadata, "new"))
	time.Sleep(100 * time.Millisecond)
	s.says("/third", before)
	time.Sleep(100 * time.Millisecond)
	if found, _ := finds(t, d, "", oldID); found {
		t.Error("a place that was given up is followed")
	}
}

func TestASetThatIsGoneMakesTheMetadataBeAsked(t *testing.T) {
	t.Parallel()
	before, oldID := key(t)
	after, newID := key(t)
	s := newServer(t, map[string]string{oidc: `{"issuer":"{}","jwks_uri":"{}/old"}`, "/old": before, "/new": after})
	d := s.discover(t, "{}", keysource.Options{Remote: remote.Options{MinAge: 50 * time.Millisecond}})
	if found, err := finds(t, d, "", oldID); !found {
		t.Fatal(err)
	}
	s.says(oidc, `{"issuer":"{}","jwks_uri":"{}/new"}`)
	s.forgets("/old")
	time.Sleep(100 * time.Millisecond)
	until(t, func() bool { found, _ := finds(t, d, newID, newID); return found }) // a token of the new key comes
}

func TestMadeUpKeysCauseNoFetchOfMetadata(t *testing.T) {
	t.Parallel()
	set, id := key(t)
	s := newServer(t, map[string]string{oidc: `{"issuer":"{}","jwks_uri":"{}/keys"}`, "/keys": set})
	d := s.discover(t, "{}", keysource.Options{Remote: remote.Options{MinAge: time.Hour}})
	if found, err := finds(t, d, "", id); !found {
		t.Fatal(err)
	}
	for i := range 1000 {
		if found, err := finds(t, d, fmt.Sprint(i), fmt.Sprint(i)); found || err != nil {
			t.Fatal(found, err)
		}
	}
	if m, k := s.hits(oidc), s.hits("/keys"); m != 1 || k > 2 {
		t.Errorf("metadata %d times, keys %d times", m, k)
	}
}

func TestStateIsThatOfTheKeys(t *testing.T) {
	t.Parallel()
	set, id := key(t)
	s := newServer(t, map[string]string{})
	d := s.discover(t, "{}", keysource.Options{Remote: remote.Options{MinAge: 20 * time.Millisecond, MaxAge: 20 * time.Millisecond}})
	until(t, func() bool { return d.State().Err != nil })
	if state := d.State(); state.Known || !state.FetchedAt.IsZero() {
		t.Errorf("nothing was found: %+v", state)
	}
	s.says(oidc, `{"issuer":"{}","jwks_uri":"{}/keys"}`)
	until(t, func() bool { return s.hits("/keys") > 0 })
	if state := d.State(); state.Known || !state.FetchedAt.IsZero() {
		t.Errorf("no key was found: %+v", state)
	}
	s.says("/keys", set)
	until(t, func() bool { found, _ := finds(t, d, "", id); return found })
	if state := d.State(); !state.Known || time.Since(state.FetchedAt).Abs() > time.Minute {
		t.Errorf("%+v", state)
	}
	s.forgets(oidc)
	until(t, func() bool { return d.State().Err != nil })
	if state := d.State(); !state.Known {
		t.Error("the keys are forgotten because the metadata is gone")
	}
}

// until waits for what takes its time.
func until(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come about")
		}
	}
}
