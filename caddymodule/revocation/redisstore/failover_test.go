package redisstore

import (
	"net"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// pair is a master and its replica, which reaches it over a link, and the address by which latches find whichever leads.
type pair struct {
	master, replica *latchtest.Redis
	replication     *latchtest.Link
	leader          *latchtest.Link
}

func startPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{master: latchtest.StartRedis(t)}
	p.replication = latchtest.StartLink(t, p.master.Address)
	host, port, err := net.SplitHostPort(p.replication.Address)
	if err != nil {
		t.Fatal(err)
	}
	p.replica = latchtest.StartRedis(t, "--replicaof", host+" "+port)
	p.leader = latchtest.StartLink(t, p.master.Address)
	return p
}

// failOver kills the master and makes the replica lead.
func (p *pair) failOver(t *testing.T) {
	t.Helper()
	p.master.Kill()
	s := openReplica(t, p.replica.Address)
	if err := s.client.Do(t.Context(), "REPLICAOF", "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	p.leader.Lead(p.replica.Address)
	p.leader.Reset()
}

// openReplica is a client of a server that may not be written to.
func openReplica(t *testing.T, address string) *store {
	t.Helper()
	c := at(address)
	if err := c.provision(); err != nil {
		t.Fatal(err)
	}
	s := connect(c.options, c.Prefix, 0)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// written waits until the replica has an entry.
func (p *pair) written(t *testing.T, value string) {
	t.Helper()
	s := openReplica(t, p.replica.Address)
	eventually(t, "replicated", soon, func() bool {
		there, err := s.client.HExists(t.Context(), s.keys.entries, field(token(value))).Result()
		return err == nil && there
	})
}

func TestAFailoverMakesNoListShorter(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	here := startLatch(t, at(p.leader.Address))
	here.revoke(t, token("replicated"))
	p.written(t, "replicated")
	p.replication.Cut()
	here.revoke(t, token("not replicated"))
	p.failOver(t)
	eventually(t, "a write to the new master", soon, func() bool { return here.Add(t.Context(), token("after")) == nil })
	for _, value := range []string{"replicated", "not replicated", "after"} {
		eventually(t, value, soon, func() bool { return here.revoked(token(value)) })
	}
}

func TestAWriteThatWaitsForAReplicaSurvivesTheMaster(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	c := at(p.leader.Address)
	c.Replicas = 1
	here := startLatch(t, c)
	eventually(t, "a replica in step", soon, func() bool { return here.Add(t.Context(), token("first")) == nil })
	here.revoke(t, token("kept"))
	p.failOver(t)
	fresh := startLatch(t, at(p.replica.Address))
	if !fresh.revoked(token("kept")) {
		t.Error("acknowledged, and gone with the master")
	}
	if err := here.Add(t.Context(), token("alone")); err == nil {
		t.Error("acknowledged without a replica")
	}
}
