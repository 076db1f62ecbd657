package latchtest

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// tries is how many ask for one key at the same moment.
const tries = 1000

// newKey is a key that no run before has consumed: it cannot be given back.
func newKey() revocation.Key {
	return revocation.HashKey(revocation.KindToken, "https://issuer.test/once", rand.Text())
}

// soonOver is when the tokens of these keys expire: what they leave behind goes some day.
func soonOver() time.Time { return time.Now().Add(time.Hour) }

// ConsumeAtOnce is the part of the contract of revocation.Consumer that Store cannot try by itself: 1,000 callers ask at
// the same moment for one key, over consumers that share a resource, and exactly one of them is told that it is the
// first. Store calls it with one consumer; a store that several processes can open at a time calls it with two.
func ConsumeAtOnce(t *testing.T, consumers ...revocation.Consumer) {
	t.Helper()
	key, expires := newKey(), soonOver()
	var firsts atomic.Int64
	var work sync.WaitGroup
	begin := make(chan struct{})
	for i := range tries {
		work.Go(func() {
			<-begin
			first, err := consumers[i%len(consumers)].Consume(t.Context(), key, expires)
			if err != nil {
				t.Error(err)
			}
			if first {
				firsts.Add(1)
			}
		})
	}
	close(begin)
	work.Wait()
	if n := firsts.Load(); n != 1 {
		t.Errorf("%d of %d were the first", n, tries)
	}
}

func (c *storeContract) consumer(t *testing.T) revocation.Consumer {
	t.Helper()
	consumer, ok := c.open(t).(revocation.Consumer)
	if !ok {
		t.Fatal("opened a Consumer before, now it is none")
	}
	return consumer
}

// consumes asserts what Consume says of a key.
func consumes(t *testing.T, where string, c revocation.Consumer, key revocation.Key, expires time.Time, want bool) {
	t.Helper()
	first, err := c.Consume(t.Context(), key, expires)
	mustDo(t, where, err)
	if first != want {
		t.Errorf("%s: first = %t, want %t", where, first, want)
	}
}

func (c *storeContract) consumesOnce(t *testing.T) {
	s, one, other := c.consumer(t), newKey(), newKey()
	consumes(t, "once", s, one, soonOver(), true)
	consumes(t, "again", s, one, soonOver(), false)
	consumes(t, "again, said to expire later", s, one, soonOver().AddDate(1, 0, 0), false)
	consumes(t, "another key", s, other, soonOver(), true)
	c.close(t, s)

	s = c.consumer(t)
	for range 2 {
		consumes(t, "opened again", s, one, soonOver(), false)
		consumes(t, "opened again, another key", s, other, soonOver(), false)
	}
	consumes(t, "opened again, a third key", s, newKey(), soonOver(), true)
	c.close(t, s)
}

// consumesWhateverEnd has ends that a number of 32 bits, or of nanoseconds, does not hold, and one that has just passed.
func (c *storeContract) consumesWhateverEnd(t *testing.T) {
	s := c.consumer(t)
	defer c.close(t, s)
	for name, expires := range map[string]time.Time{
		"a year on":     time.Now().AddDate(1, 0, 0),
		"in 2200":       time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC),
		"in 9999":       time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"in a fraction": time.Now().Add(time.Millisecond),
		"just passed":   time.Now().Add(-time.Second),
		"in its grace":  time.Now().Add(-revocation.Grace + time.Hour),
	} {
		key := newKey()
		consumes(t, name, s, key, expires, true)
		consumes(t, name+", again", s, key, expires, false)
	}
	if _, err := s.Consume(t.Context(), newKey(), time.Time{}); err == nil {
		t.Error("no end: no error")
	}
}

// consumesApart asserts that keys and entries know nothing of each other.
func (c *storeContract) consumesApart(t *testing.T) {
	s := c.consumer(t)
	defer c.close(t, s)
	f := followStore(t, s)
	before, e := f.seen(), sampleEntries("consumed " + rand.Text())[0]
	consumes(t, "the key of a name", s, e.Key(), soonOver(), true)
	hasNoEntries(t, "consumed", listEntries(t, s, 100), e)
	if len(f.seen()) != len(before) {
		t.Error("a follower was told of a key")
	}
	mustDo(t, "adding", s.Add(t.Context(), e))
	hasEntries(t, "added", listEntries(t, s, 100), e)
	mustDo(t, "removing", s.Remove(t.Context(), e))
	consumes(t, "the entry of its name was removed", s, e.Key(), soonOver(), false)
}

func (c *storeContract) consumesNothingInVain(t *testing.T) {
	s, key := c.consumer(t), newKey()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if first, err := s.Consume(ctx, key, soonOver()); first || !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: first = %t, %v", first, err)
	}
	c.close(t, s)
	if first, err := s.Consume(t.Context(), key, soonOver()); first || err == nil {
		t.Errorf("after Close: first = %t, %v", first, err)
	}
}

func (c *storeContract) consumesAtOnce(t *testing.T) {
	s := c.consumer(t)
	defer c.close(t, s)
	ConsumeAtOnce(t, s)
}
