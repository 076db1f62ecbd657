package oidc_test

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// rotate takes steps of a rotation, one right after the other.
func (s *stage) rotate(t *testing.T, steps ...string) {
	t.Helper()
	for _, step := range steps {
		s.node(t, "rotate.js", step)
	}
}

// traffic is programs that get tokens and use them at once, until they are told to stop.
type traffic struct {
	over    chan struct{}
	running sync.WaitGroup
	using   sync.RWMutex // read: a token is got and used
}

// begin starts traffic; every answer but 200 is an error.
func (s *stage) begin(t *testing.T) *traffic {
	t.Helper()
	f := &traffic{over: make(chan struct{})}
	for range 3 {
		f.running.Go(func() {
			for s.one(t, f) {
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	return f
}

// one gets a token and uses it. It reports false when there is to be no other.
func (s *stage) one(t *testing.T, f *traffic) bool {
	select {
	case <-f.over:
		return false
	default:
	}
	f.using.RLock()
	defer f.using.RUnlock()
	token, err := s.obtain(t.Context(), "observe")
	if err != nil {
		t.Error("no token")
		return false
	}
	if status, _ := s.looks(t.Context(), token); status != http.StatusOK {
		t.Errorf("a token of now: status %d", status)
		return false
	}
	return true
}

// settle returns when each token that was got before has been used.
func (f *traffic) settle() {
	f.using.Lock()
	defer f.using.Unlock()
}

// some waits until there were some more good answers.
func (s *stage) some(t *testing.T) {
	t.Helper()
	want := s.good.Load() + 20
	for deadline := time.Now().Add(patience); s.good.Load() < want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) || t.Failed() {
			t.Fatal("the traffic has come to a stand")
		}
	}
}

func (f *traffic) end() {
	close(f.over)
	f.running.Wait()
}

// TestKeysRotateWhileRequestsRun, as providers do it: the next key is published, then it signs, then the old one goes. No good token is
// refused on the way, and those of the old key are in the end.
func TestKeysRotateWhileRequestsRun(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	f := s.begin(t)
	end := sync.OnceFunc(f.end)
	defer end()
	for name, hasty := range map[string]bool{"with time between the steps": false, "a key that signs at once": true} {
		old := s.token(t, "observe")
		s.rotate(t, "publish")
		if !hasty {
			time.Sleep(2 * fresh)
		}
		s.rotate(t, "use")
		s.some(t)
		s.is(t, http.StatusOK, old)
		f.settle() // a provider waits until they have expired
		s.rotate(t, "retire")
		s.becomes(t, http.StatusUnauthorized, old)
		s.some(t)
		s.is(t, http.StatusUnauthorized, old)
		s.is(t, http.StatusOK, s.token(t, "observe"))
		if t.Failed() {
			t.Fatal(name)
		}
		time.Sleep(2 * fresh) // the old token made the latch look; nobody else makes it look for a while
	}
	end()
	s.undisturbed(t)
}

// TestAKeyThatNobodyPublishesIsNotBelieved, whoever holds it.
func TestAKeyThatNobodyPublishesIsNotBelieved(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.rotate(t, "publish", "use")
	stolen := s.token(t, "observe")
	s.is(t, http.StatusOK, stolen)
	s.rotate(t, "publish", "use", "retire") // what a provider does that has lost a key: no time between
	s.becomes(t, http.StatusUnauthorized, stolen)
	s.is(t, http.StatusOK, s.token(t, "observe"))
	s.undisturbed(t)
}
