package redisstore

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// startSentinel watches a master under the name bots, and lets a replica lead a second after it went away.
func startSentinel(t *testing.T, master string) (address string) {
	t.Helper()
	latchtest.Need(t, "redis-server")
	address = latchtest.FreeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	host, masterPort, err := net.SplitHostPort(master)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "sentinel.conf") // which it writes to
	text := fmt.Sprintf("port %s\nbind 127.0.0.1\nsentinel monitor bots %s %s 1\nsentinel down-after-milliseconds bots 1000\n"+
		"sentinel failover-timeout bots 10000\n", port, host, masterPort)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := exec.Command("redis-server", config, "--sentinel")
	if err := sentinel.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sentinel.Process.Kill(); _ = sentinel.Wait() })
	return address
}

func TestSentinelsSayWhoLeads(t *testing.T) {
	t.Parallel()
	master := latchtest.StartRedis(t)
	host, port, err := net.SplitHostPort(master.Address)
	if err != nil {
		t.Fatal(err)
	}
	replica := latchtest.StartRedis(t, "--replicaof", host+" "+port)
	(&pair{replica: replica}).inStep(t, master)
	sentinel := startSentinel(t, master.Address)
	asks := redis.NewSentinelClient(&redis.Options{Addr: sentinel})
	t.Cleanup(func() { _ = asks.Close() })
	eventually(t, "the sentinel knows the replica", soon, func() bool {
		replicas, err := asks.Replicas(t.Context(), "bots").Result()
		return err == nil && len(replicas) == 1 && replicas[0]["flags"] == "slave"
	})

	here := startLatch(t, Config{URL: "redis://" + sentinel, Sentinel: "bots", Replicas: 1})
	here.revoke(t, token("before"))
	consumes(t, here.store, token("before"), true)
	swaps(t, here.store, "before", "", "ana", true)
	master.Kill()
	eventually(t, "noticed", soon, here.inTrouble)
	eventually(t, "followed again", 2*soon, func() bool { return !here.inTrouble() })
	if !here.revoked(token("before")) {
		t.Error("the list is shorter")
	}
	fresh := startLatch(t, Config{URL: "redis://" + sentinel, Sentinel: "bots"})
	if !fresh.revoked(token("before")) {
		t.Error("what the replica had acknowledged is gone")
	}
	consumes(t, fresh.store, token("before"), false)
	consumes(t, fresh.store, token("after"), true)
	holds(t, fresh.store, "before", "ana")
	swaps(t, fresh.store, "before", "", "ben", false)
	swaps(t, fresh.store, "before", "ana", "ben", true)
	fresh.revoke(t, token("after"))
	eventually(t, "heard there", soon, func() bool { return here.revoked(token("after")) })
}

// inStep waits until the replica is connected to its master.
func (p *pair) inStep(t *testing.T, master *latchtest.Redis) {
	t.Helper()
	s := openReplica(t, master.Address)
	eventually(t, "a replica in step", soon, func() bool {
		if s.client.Set(t.Context(), "in-step", time.Now().String(), 0).Err() != nil {
			return false
		}
		n, err := s.client.(*redis.Client).Wait(t.Context(), 1, time.Second).Result()
		return err == nil && n == 1
	})
}

func TestAClusterKeepsTheListOnOneNode(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t, "--cluster-enabled", "yes")
	node := openReplica(t, server.Address)
	if err := node.client.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a cluster", soon, func() bool {
		state, err := node.client.Do(t.Context(), "CLUSTER", "INFO").Text()
		return err == nil && len(state) > 16 && state[:16] == "cluster_state:ok"
	})
	c := Config{URL: "redis://" + server.Address, Cluster: true}
	here, there := startLatch(t, c), startLatch(t, c)
	here.revoke(t, token("1"), token("2"))
	eventually(t, "heard there", soon, func() bool { return there.revoked(token("1")) && there.revoked(token("2")) })
	if err := there.Remove(t.Context(), token("1")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "taken back here", soon, func() bool { return !here.revoked(token("1")) })
	if page, _, err := here.Page(t.Context(), "", 10); err != nil || len(page) != 1 {
		t.Errorf("%v, %v", page, err)
	}
	latchtest.ConsumeAtOnce(t, here.store, there.store)
	latchtest.SwapAtOnce(t, here.store, there.store)
	swaps(t, here.store, "kept", "", "ana", true)
	holds(t, there.store, "kept", "ana")
	if all, err := there.Records(t.Context(), in); err != nil || string(all["kept"]) != "ana" || len(all) != 1 {
		t.Errorf("%d records, %v", len(all), err)
	}
	here.purgeOnce()
	swaps(t, there.store, "kept", "ana", "", true)
}
