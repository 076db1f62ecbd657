package boltstore

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func TestMain(m *testing.M) {
	os.Exit(latchtest.CrashMain(m, func(ctx context.Context, path string) (revocation.Writer, error) { return open(ctx, path, false) }))
}

// What was acknowledged is there after kill -9, at whatever moment. (That it would survive a power failure too, no
// test on one machine can show: it rests on bbolt's sync, see TestFailedWriteReachesTheCaller.)
func TestKilledProcessesLoseNothingAcknowledged(t *testing.T) {
	t.Parallel()
	const rounds = 200
	path := newPath(t)
	acknowledged := map[string]bool{} // by value: is it still to be there
	for round := range rounds {
		latchtest.KillWriter(t, path, fmt.Sprint(round), 3+round%13, acknowledged)
		s := reopen(t, path)
		found := map[string]bool{}
		for cursor := ""; ; {
			page, next, err := s.Page(t.Context(), cursor, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				found[e.Value] = true
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		for value, there := range acknowledged {
			if found[value] != there {
				t.Errorf("round %d: %s is there: %t, acknowledged: %t", round, value, found[value], there)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged changes in %d rounds", len(acknowledged), rounds)
}

func TestKilledProcessesLoseNoRecord(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	for round := range 50 {
		name := fmt.Sprint(round)
		acknowledged, next := latchtest.KillKeeper(t, path, name, 3+round%13)
		s := reopen(t, path)
		latchtest.KeptOneOf(t, s, name, acknowledged, next)
		closeStore(t, s)
	}
}
