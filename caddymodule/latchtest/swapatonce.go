package latchtest

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// rivals is how many ask for one record at the same moment.
const rivals = 200

// SwapAtOnce is the part of the contract of revocation.Keeper that Store cannot try by itself: 200 callers ask at the same
// moment to put a record in, to change it and to take it out, over keepers that share a resource, and each time exactly one
// of them is told that it did; then some count together, and no step is lost. Store calls it with one keeper; a store that
// several processes can open at a time calls it with two.
func SwapAtOnce(t *testing.T, keepers ...revocation.Keeper) {
	t.Helper()
	key, old := rand.Text(), []byte(nil)
	for _, doing := range []string{"put in", "changed", "taken out"} {
		var winner atomic.Pointer[[]byte]
		atOnce(rivals, func(i int) {
			var value []byte
			if doing != "taken out" {
				value = fmt.Append(nil, doing, " by ", i)
			}
			swapped, err := keepers[i%len(keepers)].Swap(t.Context(), revocation.Invitations, key, old, value, soonOver())
			if err != nil {
				t.Error(err)
			}
			if swapped && winner.Swap(&value) != nil {
				t.Errorf("%s by more than one", doing)
			}
		})
		won := winner.Load()
		if won == nil {
			t.Fatalf("%s by nobody", doing)
		}
		for _, k := range keepers {
			if record, err := k.Record(t.Context(), revocation.Invitations, key); err != nil || string(record) != string(*won) {
				t.Errorf("%s: what stands there is not what the winner put there: %v", doing, err)
			}
		}
		old = *won
	}
	countAtOnce(t, keepers)
}

// countAtOnce has some count in one record, each step by who saw the one before.
func countAtOnce(t *testing.T, keepers []revocation.Keeper) {
	t.Helper()
	const counters, steps = 8, 5
	key := rand.Text()
	swap := func(k revocation.Keeper, old, value []byte) (swapped bool) {
		swapped, err := k.Swap(t.Context(), revocation.Sessions, key, old, value, soonOver())
		if err != nil {
			t.Error(err)
		}
		return swapped || err != nil
	}
	atOnce(counters, func(i int) {
		k := keepers[i%len(keepers)]
		for range steps {
			for swapped := false; !swapped; {
				old, err := k.Record(t.Context(), revocation.Sessions, key)
				if err != nil {
					t.Error(err)
					return
				}
				n, _ := strconv.Atoi(string(old))
				swapped = swap(k, old, strconv.AppendInt(nil, int64(n+1), 10))
			}
		}
	})
	if total := []byte(strconv.Itoa(counters * steps)); !swap(keepers[0], total, nil) {
		record, err := keepers[0].Record(t.Context(), revocation.Sessions, key)
		t.Errorf("counted to %s, %v, want %s", record, err, total)
	}
}

// atOnce has n do something at the same moment, and waits for them.
func atOnce(n int, do func(i int)) {
	var work sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		work.Go(func() {
			<-begin
			do(i)
		})
	}
	close(begin)
	work.Wait()
}

func (c *storeContract) swapsAtOnce(t *testing.T) {
	k := c.keeper(t)
	defer c.close(t, k)
	SwapAtOnce(t, k.Keeper)
}
