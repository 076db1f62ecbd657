package revocation

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Insert, then count. The test stands as a reader in the writer's way: were the version raised before the writer has
// the lock, a reader could load the new version, find nothing, and call the token clean at it for ever.
func TestWriterInsertsBeforeItCounts(t *testing.T) {
	t.Parallel()
	var l List
	s, n := source(t, &l, "a"), ana(noon)
	l.mu.RLock()
	added := make(chan struct{})
	go func() {
		defer close(added)
		s.Add(Entry{Kind: KindToken, Issuer: site, Value: "1", At: noon})
	}()
	for l.mu.TryRLock() { // until the writer waits for the lock: all that it does before is done
		l.mu.RUnlock()
		runtime.Gosched()
	}
	version, inserted := l.version.Load(), len(l.blocked[KindToken])
	l.mu.RUnlock()
	<-added
	if inserted == 0 && version != 0 {
		t.Errorf("version raised to %d before anything was inserted", version)
	}
	if l.version.Load() == 0 {
		t.Error("version not raised")
	}
	if _, revoked := l.Revoked(n); !revoked {
		t.Error("not revoked")
	}
}

// Load, then look. The test stands as a writer in the reader's way, and counts while the reader waits: a token that is
// clean at a version the reader loaded after it looked would hide what was added in between.
func TestReaderLoadsVersionBeforeItLooks(t *testing.T) {
	t.Parallel()
	var l List
	s, n := source(t, &l, "a"), ana(noon)
	s.Add(Entry{Kind: KindToken, Issuer: site, Value: "another", At: noon}) // so that there is something to look at
	l.mu.Lock()
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		lookBehindTheTest(&l, n)
	}()
	for !waits("revocation.lookBehindTheTest", "sync.(*RWMutex).RLock") {
		runtime.Gosched()
	}
	l.version.Add(1)
	l.mu.Unlock()
	<-looked
	if n.clean.Load() == l.version.Load() {
		t.Error("clean at a version that came after the look")
	}
}

//go:noinline
func lookBehindTheTest(l *List, n *Names) { l.Revoked(n) }

// waits reports whether some goroutine is in all of these functions.
func waits(functions ...string) bool {
	buf := make([]byte, 1<<20)
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		all := true
		for _, f := range functions {
			all = all && strings.Contains(stack, f)
		}
		if all {
			return true
		}
	}
	return false
}

// The same by luck: whoever was told "revoked" never sees the token pass again.
func TestNothingPassesOnceItWasRevoked(t *testing.T) {
	t.Parallel()
	var l List
	s := source(t, &l, "a")
	const tokens = 60
	var wg sync.WaitGroup
	for i := range tokens {
		name := fmt.Sprint(i)
		n := NewNames(site, noon, [NumKinds]string{KindToken: name})
		e := Entry{Kind: KindToken, Issuer: site, Value: name, At: noon}
		told := make(chan struct{})
		for range 2 {
			wg.Go(func() {
				for {
					select {
					case <-told:
						if _, revoked := l.Revoked(n); !revoked {
							t.Error("passed after it was revoked")
						}
						return
					default:
						l.Revoked(n)
						runtime.Gosched()
					}
				}
			})
		}
		wg.Go(func() {
			runtime.Gosched()
			s.Add(e)
			close(told)
		})
		wg.Go(func() { // two at once: whoever finds it there already may say "revoked" too
			s.Add(e)
			if _, revoked := l.Revoked(n); !revoked {
				t.Error("passed after it was added")
			}
		})
		if i%4 == 3 {
			wg.Wait()
		}
	}
	wg.Wait()
}
