package latchtest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// swapUntilKilled puts a record in, changes it and takes it out, again and again, and prints each step once it was
// acknowledged.
func swapUntilKilled(ctx context.Context, w revocation.Writer, name string) error {
	k, keeps := w.(revocation.Keeper)
	if !keeps {
		return errors.New("the store keeps no records")
	}
	for i := 1; ; i++ {
		swapped, err := k.Swap(ctx, revocation.Sessions, name, crashRecord(i-1), crashRecord(i), soonOver())
		if err != nil || !swapped {
			return fmt.Errorf("step %d: swapped = %t, %w", i, swapped, err)
		}
		fmt.Println(i)
	}
}

// crashRecord is what stands there after a step.
func crashRecord(i int) []byte {
	if i%3 == 0 {
		return nil
	}
	return strconv.AppendInt(nil, int64(i), 10)
}

// KillKeeper starts a process that swaps a record of the store at a place, and kills it after some acknowledgements, in the
// middle of what it does next. It returns what must stand now under the name in drawer Sessions: what was acknowledged last,
// or what came next.
func KillKeeper(t testing.TB, place, name string, after int) (acknowledged, next []byte) {
	t.Helper()
	last := 0
	kill(t, place, name, "records", after, func(line string) {
		i, err := strconv.Atoi(line)
		if err != nil || i != last+1 {
			t.Fatalf("%q after %d: %v", line, last, err)
		}
		last = i
	})
	return crashRecord(last), crashRecord(last + 1)
}

// KeptOneOf asserts what stands under a name after KillKeeper.
func KeptOneOf(t testing.TB, k revocation.Keeper, name string, acknowledged, next []byte) {
	t.Helper()
	record, err := k.Record(t.Context(), revocation.Sessions, name)
	if err != nil || string(record) != string(acknowledged) && string(record) != string(next) {
		t.Errorf("%s: %q stands there, %v, acknowledged: %q, then came %q", name, record, err, acknowledged, next)
	}
}
