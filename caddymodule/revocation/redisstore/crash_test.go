package redisstore

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func TestMain(m *testing.M) {
	os.Exit(latchtest.CrashMain(m, func(ctx context.Context, address string) (revocation.Writer, error) {
		c := at(address)
		if err := c.Provision(caddy.Context{}); err != nil {
			return nil, err
		}
		s, err := c.Open(ctx)
		if err != nil {
			return nil, err
		}
		return s.(revocation.Writer), nil
	}))
}

func TestKilledProcessesLoseNothingAcknowledged(t *testing.T) {
	t.Parallel()
	const rounds = 200
	server := latchtest.StartRedis(t)
	watcher := startLatch(t, at(server.Address))
	acknowledged := map[string]bool{} // by value: is it still to be there
	for round := range rounds {
		latchtest.KillWriter(t, server.Address, fmt.Sprint(round), 3+round%13, acknowledged)
		if round%20 == 19 {
			server.Kill()
			server.Run()
			eventually(t, "recovered", soon, func() bool {
				return watcher.client.Ping(t.Context()).Err() == nil && !watcher.inTrouble()
			})
		}
	}
	fresh := startLatch(t, at(server.Address))
	for value, there := range acknowledged {
		e := latchtest.CrashEntry(value)
		if fresh.revoked(e) != there {
			t.Errorf("%s is there: %t, acknowledged: %t", value, !there, there)
		}
		eventually(t, value, soon, func() bool { return watcher.revoked(e) == there })
	}
	t.Logf("%d acknowledged changes in %d rounds", len(acknowledged), rounds)
}

func TestKilledProcessesLoseNoRecord(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	s := openStore(t, at(server.Address))
	for round := range 50 {
		name := fmt.Sprint(round)
		acknowledged, next := latchtest.KillKeeper(t, server.Address, name, 3+round%13)
		if round%10 == 9 {
			server.Kill()
			server.Run()
			eventually(t, "recovered", soon, func() bool { return s.client.Ping(t.Context()).Err() == nil })
		}
		latchtest.KeptOneOf(t, s, name, acknowledged, next)
	}
}
