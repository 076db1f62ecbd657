package redisstore

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// soon bounds what happens without a person waiting, on a busy machine.
const soon = 20 * time.Second

// revoke revokes, and fails the test when it is not acknowledged.
func (l *latch) revoke(t testing.TB, entries ...revocation.Entry) {
	t.Helper()
	if err := l.Add(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !l.revoked(e) {
			t.Fatalf("%s is acknowledged and passes here", e.Value)
		}
	}
}

// loads is how often the server was asked for the whole list.
func (l *latch) loads(t testing.TB) string {
	t.Helper()
	stats, err := l.client.Info(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(stats) {
		if rest, ok := strings.CutPrefix(line, "cmdstat_hscan:calls="); ok {
			calls, _, _ := strings.Cut(rest, ",")
			return calls
		}
	}
	return "0"
}

// apart are two latches on one server, the second behind a link.
func apart(t *testing.T) (server *latchtest.Redis, link *latchtest.Link, here, there *latch) {
	t.Helper()
	server = latchtest.StartRedis(t)
	link = latchtest.StartLink(t, server.Address)
	return server, link, startLatch(t, at(server.Address)), startLatch(t, at(link.Address))
}

func TestALatchThatWasCutOffResumesWhereItWas(t *testing.T) {
	t.Parallel()
	_, link, here, there := apart(t)
	here.revoke(t, token("before"), token("taken back"))
	eventually(t, "heard there", soon, func() bool { return there.revoked(token("before")) && there.revoked(token("taken back")) })
	loads := here.loads(t)

	link.Cut()
	took := eventually(t, "noticed", soon, there.inTrouble)
	t.Logf("noticed after %v", took)
	here.revoke(t, token("meanwhile"))
	if err := here.Remove(t.Context(), token("taken back")); err != nil {
		t.Fatal(err)
	}
	if !there.revoked(token("before")) || !there.revoked(token("taken back")) {
		t.Error("the last list does not stay in force")
	}
	link.Mend()
	eventually(t, "recovered", soon, func() bool { return !there.inTrouble() })
	eventually(t, "heard there", soon, func() bool { return there.revoked(token("meanwhile")) && !there.revoked(token("taken back")) })
	if after := here.loads(t); after != loads {
		t.Errorf("the whole list was read again: %s times, %s before", after, loads)
	}
}

func TestTroubleIsNoticedWithinASecond(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	link := latchtest.StartLink(t, server.Address)
	there := startLatch(t, at(link.Address))
	for name, lose := range map[string]func(){"network": link.Cut, "server": server.Freeze} {
		began := time.Now()
		lose()
		eventually(t, name+" noticed", soon, there.inTrouble)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: noticed after %v", name, took)
		}
		if since, why := there.Trouble(); why == nil || since.After(time.Now()) || since.Before(began.Add(-time.Second)) {
			t.Errorf("%s: since %v, %v", name, since, why)
		}
		link.Mend()
		server.Thaw()
		eventually(t, name+" recovered", soon, func() bool { return !there.inTrouble() })
	}
}

func TestAGapInTheStreamMakesTheListLonger(t *testing.T) {
	t.Parallel()
	_, link, here, there := apart(t)
	here.revoke(t, token("before"))
	eventually(t, "heard there", soon, func() bool { return there.revoked(token("before")) })
	link.Cut()
	eventually(t, "noticed", soon, there.inTrouble)
	here.revoke(t, token("in the gap"))
	if err := here.client.XTrimMaxLen(t.Context(), here.keys.changes, 0).Err(); err != nil {
		t.Fatal(err)
	}
	here.revoke(t, token("behind it"))
	link.Mend()
	for _, value := range []string{"before", "in the gap", "behind it"} {
		eventually(t, value, soon, func() bool { return there.revoked(token(value)) })
	}
}

func TestAFlushedServerMakesNoListShorter(t *testing.T) {
	t.Parallel()
	_, _, here, there := apart(t)
	for i := range 100 {
		here.revoke(t, token(fmt.Sprint(i)))
	}
	eventually(t, "heard there", soon, func() bool { return there.revoked(token("99")) })
	if err := here.client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "read anew", soon, func() bool { return here.loads(t) >= "4" })
	for i := range 100 {
		if e := token(fmt.Sprint(i)); !here.revoked(e) || !there.revoked(e) {
			t.Fatalf("%d passes", i)
		}
	}
	here.revoke(t, token("new"))
	eventually(t, "heard there", soon, func() bool { return there.revoked(token("new")) })
	if err := here.Remove(t.Context(), token("7")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what the server forgot can be taken back", soon, func() bool { return !there.revoked(token("7")) && !here.revoked(token("7")) })
}

func TestAServerThatWasKilledHasWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	server, _, here, there := apart(t)
	for i := range 20 {
		here.revoke(t, token(fmt.Sprint(i)))
		if i%5 == 0 {
			server.Kill()
			eventually(t, "noticed", soon, here.inTrouble)
			if err := here.Add(t.Context(), token("lost")); err == nil {
				t.Error("acknowledged by nobody")
			}
			server.Run()
			eventually(t, "recovered", soon, func() bool { return !here.inTrouble() && !there.inTrouble() })
		}
	}
	fresh := startLatch(t, at(server.Address))
	for i := range 20 {
		e := token(fmt.Sprint(i))
		if !fresh.revoked(e) || !here.revoked(e) {
			t.Errorf("%d passes", i)
		}
		eventually(t, "heard there", soon, func() bool { return there.revoked(e) })
	}
}

func TestAServerThatForgetsAtRestartMakesNoListShorter(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t, "--appendonly", "no")
	here := startLatch(t, at(server.Address))
	here.revoke(t, token("1"))
	server.Kill()
	server.Run()
	eventually(t, "read anew", soon, func() bool { return here.loads(t) == "1" })
	here.revoke(t, token("2"))
	if !here.revoked(token("1")) {
		t.Error("the latch forgot what the server forgot")
	}
}
