package revocation

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestEverythingIsOnHoldWhileAnySourceSaysSo(t *testing.T) {
	t.Parallel()
	var l List
	a, b, n := source(t, &l, "a"), source(t, &l, "b"), ana(noon)
	first := Entry{Kind: KindHold, At: noon, Reason: "first"}
	second := Entry{Kind: KindHold, At: noon.Add(time.Minute), Reason: "second"}
	for i, step := range []struct {
		do   func()
		held bool
		want Entry // of Hold
	}{
		{func() {}, false, Entry{}},
		{func() { a.Add(Entry{Kind: KindAll, IssuedBefore: noon, At: noon}) }, false, Entry{}},
		{func() { a.Remove(Entry{Kind: KindAll}) }, false, Entry{}},
		{func() { b.Add(second) }, true, second},
		{func() { a.Add(first) }, true, first},
		{func() { b.Add(first) }, true, first}, // it keeps what it said
		{func() { a.Remove(Entry{Kind: KindToken, Issuer: site, Value: "1"}) }, true, first},
		{func() { a.Remove(Entry{Kind: KindHold}) }, true, second},
		{func() { a.Remove(Entry{Kind: KindHold}) }, true, second},
		{func() { l.Sweep(noon.AddDate(100, 0, 0)) }, true, second},
		{func() { b.Remove(Entry{Kind: KindHold}) }, false, Entry{}},
		{func() { b.Remove(Entry{Kind: KindHold}) }, false, Entry{}},
		{func() { b.Add(second) }, true, second},
		{func() { b.Remove(second) }, false, Entry{}},
	} {
		step.do()
		if got := l.Held(); got != step.held {
			t.Errorf("step %d: Held() = %t", i, got)
		}
		if got, held := l.Hold(); held != step.held || got != step.want {
			t.Errorf("step %d: Hold() = %+v, %t", i, got, held)
		}
		if kind, revoked := l.Revoked(n); revoked != step.held && i != 1 || step.held && kind != KindHold {
			t.Errorf("step %d: revoked = %t, by kind %s", i, revoked, kind)
		}
		if n := l.Len()[KindHold]; (n == 1) != step.held || n > 1 {
			t.Errorf("step %d: %d entries of kind hold", i, n)
		}
	}
}

// TestAHoldThatIsNotValidHoldsAllTheSame: the list takes what stores say, and the safe side is to hold.
func TestAHoldThatIsNotValidHoldsAllTheSame(t *testing.T) {
	t.Parallel()
	var l List
	s, other := source(t, &l, "a"), source(t, &l, "b")
	s.Add(Entry{Kind: KindHold, IssuedBefore: noon, ExpiresAt: noon, At: noon})
	if !l.Held() {
		t.Error("with a cut-off: not held")
	}
	other.Add(Entry{Kind: KindHold, At: noon})
	l.Sweep(noon.AddDate(1, 0, 0)) // what ended goes, and what it said of itself must not outlive the other
	if !l.Held() {
		t.Error("the sweep took back what another says")
	}
	other.Remove(Entry{Kind: KindHold})
	if l.Held() {
		t.Error("held by nobody")
	}
	s.Add(Entry{Kind: KindHold, ExpiresAt: noon, At: noon})
	if l.Sweep(noon.AddDate(1, 0, 0)); l.Held() {
		t.Error("swept, and held")
	}
}

// TestARevokedTokenIsRevokedDuringAHold: the hold is looked for last.
func TestARevokedTokenIsRevokedDuringAHold(t *testing.T) {
	t.Parallel()
	var l List
	s := source(t, &l, "a")
	s.Add(Entry{Kind: KindHold, At: noon}, Entry{Kind: KindAll, IssuedBefore: noon, At: noon})
	if kind, revoked := l.Revoked(ana(noon)); !revoked || kind != KindAll {
		t.Errorf("revoked = %t, by kind %s", revoked, kind)
	}
}

// TestHeldIsTrueWhenAddReturns, whatever others add, take back and sweep meanwhile; and nobody who was told so once sees a
// token pass.
func TestHeldIsTrueWhenAddReturns(t *testing.T) {
	t.Parallel()
	var l List
	hold := Entry{Kind: KindHold, At: noon}
	n := ana(noon)
	done := make(chan struct{})
	var others sync.WaitGroup
	passing := source(t, &l, "passing")
	others.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			passing.Add(hold, Entry{Kind: KindSession, Issuer: site, Value: "other", At: noon})
			passing.Remove(hold)
			l.Sweep(noon)
			l.Revoked(n)
			runtime.Gosched()
		}
	})
	var adding sync.WaitGroup
	for _, resource := range []string{"a", "b"} {
		s := source(t, &l, resource)
		adding.Go(func() {
			for range 500 {
				s.Add(hold)
				if !l.Held() {
					t.Error("not held when Add returned")
				}
				if _, revoked := l.Revoked(n); !revoked {
					t.Error("a token passes when Add returned")
				}
				s.Remove(hold)
			}
		})
	}
	adding.Wait()
	close(done)
	others.Wait()
	if _, revoked := l.Revoked(n); revoked || l.Held() {
		t.Error("all let go, and it is still held")
	}
}

func TestFitReasonMakesAReasonOfAnyText(t *testing.T) {
	t.Parallel()
	long := make([]rune, MaxReason)
	for i := range long {
		long[i] = 'é'
	}
	for text, want := range map[string]string{
		"": "", "  water in the cellar\n": "water in the cellar", "a\nb\xffc\u202ed": "abcd", string(long): string(long[:MaxReason/2]),
	} {
		got := FitReason(text)
		if err := ValidateReason(got); got != want || err != nil {
			t.Errorf("FitReason(%q) = %q, %v", text, got, err)
		}
	}
}
