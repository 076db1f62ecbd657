package app

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// deafToHolds is a store that takes no hold, and lets go of one after the test did something meanwhile.
type deafToHolds struct {
	revocation.Writer

	meanwhile func()
}

var errDeaf = errors.New("deaf")

// Add implements revocation.Writer.
func (deafToHolds) Add(context.Context, ...revocation.Entry) error { return errDeaf }

// Remove implements revocation.Writer.
func (s deafToHolds) Remove(ctx context.Context, entries ...revocation.Entry) error {
	s.meanwhile()
	return s.Writer.Remove(ctx, entries...)
}

// letGo ends the hold of this process with the test. The list is the process's, so tests that hold are not parallel: they
// end before the first parallel one goes on.
func letGo(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		process.ownHold.Remove(revocation.Entry{Kind: revocation.KindHold})
		if process.list.Held() {
			t.Error("left on hold")
		}
	})
}

// TestWhoHoldsWhileAnotherResumesIsOnHold, also when the store then takes nothing: the hold was pressed, and its answer
// says that it is in force here.
func TestWhoHoldsWhileAnotherResumesIsOnHold(t *testing.T) {
	letGo(t)
	a := appWithStore(t)
	if _, err := a.Hold(t.Context(), "first", "one"); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	f := a.stores[0].followed
	f.store = deafToHolds{f.store.(revocation.Writer), func() {
		go func() {
			_, err := a.Hold(t.Context(), "second", "the other")
			second <- err
		}()
		for deadline := time.Now().Add(10 * time.Second); !waitsInHold(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Error("it does not wait: the test shows nothing")
				return
			}
		}
	}}
	if _, err := a.Resume(t.Context(), "", "one"); err != nil {
		t.Fatal(err)
	}
	if err := <-second; !errors.Is(err, errDeaf) || !errors.Is(err, errHeldHere) {
		t.Errorf("the answer is %v", err)
	}
	if !errors.Is(a.CheckHeld(), errOnHold) {
		t.Error("it was pressed, and it is not on hold")
	}
}

// TestAHoldDoesNotWaitForWhoeverResumes at a store that takes its time.
func TestAHoldDoesNotWaitForWhoeverResumes(t *testing.T) {
	letGo(t)
	a := appWithStore(t)
	held := make(chan error, 1)
	f := a.stores[0].followed
	f.store = deafToHolds{f.store.(revocation.Writer), func() {
		go func() {
			_, err := a.Hold(t.Context(), "", "the other")
			held <- err
		}()
		for deadline := time.Now().Add(10 * time.Second); a.CheckHeld() == nil; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Error("it is not in force while somebody resumes")
				return
			}
		}
	}}
	if _, err := a.Resume(t.Context(), "", "one"); err != nil { // of nothing: that is no error
		t.Error(err)
	}
	if err := <-held; !errors.Is(err, errDeaf) || a.CheckHeld() == nil {
		t.Errorf("the answer is %v", err)
	}
}

// waitsInHold reports whether some goroutine waits for its turn at the button.
func waitsInHold() bool {
	buf := make([]byte, 1<<20)
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, "app.(*App).Hold(") && strings.Contains(stack, "sync.(*Mutex).Lock(") {
			return true
		}
	}
	return false
}

// TestTheListAloneRefusesWhileOnHold: a token that was asked about a moment before the hold is refused by the step behind.
func TestTheListAloneRefusesWhileOnHold(t *testing.T) {
	letGo(t)
	a := appWithStore(t)
	token := &accesstoken.Token{Names: revocation.NewNames(t.Name(), time.Now(), [revocation.NumKinds]string{})}
	if err := a.CheckRevoked(t.Context(), token, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Hold(t.Context(), "", "test"); err != nil {
		t.Fatal(err)
	}
	if err := a.CheckRevoked(t.Context(), token, time.Now()); deny.ReasonOf(err) != deny.Held {
		t.Errorf("on hold: %v", err)
	}
	if _, err := a.Resume(t.Context(), "", "test"); err != nil {
		t.Fatal(err)
	}
	if err := a.CheckRevoked(t.Context(), token, time.Now()); err != nil {
		t.Errorf("resumed: %v", err)
	}
}

// TestAHoldIsInForceBeforeTheListIsLoaded.
func TestAHoldIsInForceBeforeTheListIsLoaded(t *testing.T) {
	letGo(t)
	a := &App{loaded: make(chan struct{}), logger: caddy.Log()}
	if _, err := a.Hold(t.Context(), "", "test"); !errors.Is(err, errHeldHere) || !errors.Is(err, errNotLoaded) {
		t.Errorf("the answer is %v", err)
	}
	if a.CheckHeld() == nil {
		t.Error("not on hold")
	}
	if _, err := a.Resume(t.Context(), "", "test"); !errors.Is(err, errStillHeld) || a.CheckHeld() == nil {
		t.Errorf("resumed, although no store was asked: %v", err)
	}
}

// TestAHoldWhoseTerminalWasClosedIsKept: whoever pressed it may be gone before the store answers.
func TestAHoldWhoseTerminalWasClosedIsKept(t *testing.T) {
	letGo(t)
	a := appWithStore(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Hold(gone, "", "test"); err != nil {
		t.Errorf("the answer is %v", err)
	}
	if all, _, err := a.Page(t.Context(), Filter{Kind: revocation.KindHold}, "", 10); err != nil || len(all) != 1 {
		t.Errorf("stored: %v, %v", all, err)
	}
	if _, err := a.Resume(t.Context(), "", "test"); err != nil {
		t.Error(err)
	}
}

func TestAHoldTakesAnyTextForAReason(t *testing.T) {
	letGo(t)
	a := appWithStore(t)
	if h, err := a.Hold(t.Context(), " two\nlines "+strings.Repeat("x", 500), "test"); err != nil || !strings.HasPrefix(h.Reason, "twolines xxx") {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := a.Resume(t.Context(), "\xff", "test"); err != nil {
		t.Error(err)
	}
}
