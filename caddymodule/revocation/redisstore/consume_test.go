package redisstore

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// anHour from now the tokens of these tests expire.
func anHour() time.Time { return time.Now().Add(time.Hour) }

// consumes asserts what a store says of a token's key.
func consumes(t *testing.T, s *store, e revocation.Entry, want bool) {
	t.Helper()
	if first, err := s.Consume(t.Context(), e.Key(), anHour()); err != nil || first != want {
		t.Errorf("%s: first = %t, %v, want %t", e.Value, first, err, want)
	}
}

func TestOfManyLatchesOneIsTheFirst(t *testing.T) {
	t.Parallel()
	c := at(latchtest.StartRedis(t).Address)
	latchtest.ConsumeAtOnce(t, openStore(t, c), openStore(t, c))
}

// An answer that was lost makes the client send again, and what it finds then is its own.
func TestConsumingSentAgainIsTheSame(t *testing.T) {
	t.Parallel()
	s := openStore(t, at(latchtest.StartRedis(t).Address))
	for i, step := range []struct {
		key, sender string
		want        int
	}{
		{"1", "ana", 1},
		{"1", "ana", 1},
		{"1", "ben", 0},
		{"2", "ben", 1},
		{"1", "ana", 1},
		{"2", "ana", 0},
	} {
		answer, err := s.run(t.Context(), consume, []string{s.keys.used, s.keys.usedEnds}, []any{step.key, step.sender, 60})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := answer.Int(); err != nil || n != step.want {
			t.Errorf("step %d: %d, %v, want %d", i, n, err, step.want)
		}
	}
}

// ends are the scores of all keys, from the server's now.
func (s *store) ends(t *testing.T) (all []time.Duration) {
	t.Helper()
	now, err := s.client.Time(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	scores, err := s.client.ZRangeWithScores(t.Context(), s.keys.usedEnds, 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range scores {
		all = append(all, time.Duration(int64(z.Score)-now.Unix())*time.Second)
	}
	return all
}

func TestKeysGoAfterTheirGraceAndNotBefore(t *testing.T) {
	t.Parallel()
	s := openStore(t, at(latchtest.StartRedis(t).Address))
	consumes(t, s, token("an hour"), true)
	if left := s.ends(t); len(left) != 1 || left[0] < time.Hour-5*time.Second || left[0] > time.Hour+5*time.Second {
		t.Fatalf("ends in %v", left)
	}
	past := func(value string, by time.Duration) {
		if first, err := s.Consume(t.Context(), token(value).Key(), time.Now().Add(-by)); !first || err != nil {
			t.Errorf("%s: first = %t, %v", value, first, err)
		}
	}
	past("in its grace", revocation.Grace-time.Minute)
	for i := range loadStep + 10 {
		past(fmt.Sprint(i), revocation.Grace+time.Minute)
	}
	if first, err := s.Consume(t.Context(), token("centuries").Key(), time.Now().AddDate(2000, 0, 0)); !first || err != nil {
		t.Errorf("centuries: first = %t, %v", first, err)
	}
	s.purgeOnce()
	if left := s.ends(t); len(left) != 3 {
		t.Errorf("%d keys, want 3", len(left))
	}
	if n, err := s.client.HLen(t.Context(), s.keys.used).Result(); err != nil || n != 3 {
		t.Errorf("%d keys, want 3: %v", n, err)
	}
	for _, value := range []string{"an hour", "in its grace", "centuries"} {
		consumes(t, s, token(value), false)
	}
	consumes(t, s, token("0"), true)
}

// What has a TTL goes first when the memory of such a server is full.
func TestAServerThatThrowsAwayWhatHasAnEndKeepsKeys(t *testing.T) {
	t.Parallel()
	s := openStore(t, at(latchtest.StartRedis(t, "--maxmemory", "4mb", "--maxmemory-policy", "volatile-lru").Address))
	consumes(t, s, token("1"), true)
	for i := range 200 {
		if err := s.client.Set(t.Context(), fmt.Sprint("other-", i), strings.Repeat("x", 50_000), time.Hour).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if stats, err := s.client.Info(t.Context(), "stats").Result(); err != nil || strings.Contains(stats, "evicted_keys:0") {
		t.Fatalf("nothing was thrown away: the test looked at nothing: %v", err)
	}
	consumes(t, s, token("1"), false)
}

func TestAServerThatWasKilledKnowsWhatWasConsumed(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	s := openStore(t, at(server.Address))
	for i := range 5 {
		e := token(fmt.Sprint(i))
		consumes(t, s, e, true)
		server.Kill()
		if first, err := s.Consume(t.Context(), token("lost").Key(), anHour()); first || err == nil {
			t.Errorf("first = %t, %v, of a server that is gone", first, err)
		}
		server.Run()
		eventually(t, "recovered", soon, func() bool { return s.client.Ping(t.Context()).Err() == nil })
		consumes(t, s, e, false)
	}
}

func TestAServerThatDoesNotAnswerConsumesNoTime(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	s := openStore(t, at(server.Address))
	server.Freeze()
	defer server.Thaw()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if first, err := s.Consume(ctx, token("1").Key(), anHour()); first || err == nil {
		t.Errorf("first = %t, %v", first, err)
	}
	if took := time.Since(began); took > 4*time.Second { // less than ioTimeout
		t.Errorf("took %v", took)
	}
}

func TestAKeyThatNoReplicaHasIsAnErrorAndConsumed(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	c := at(p.leader.Address)
	c.Replicas = 1
	s := openStore(t, c)
	eventually(t, "a replica in step", soon, func() bool { return s.Add(t.Context(), token("first")) == nil })
	consumes(t, s, token("kept"), true)
	p.replication.Cut()
	if first, err := s.Consume(t.Context(), token("alone").Key(), anHour()); first || err == nil {
		t.Errorf("first = %t, %v", first, err)
	}
	p.replication.Mend()
	eventually(t, "a replica in step again", soon, func() bool { return s.Add(t.Context(), token("second")) == nil })
	consumes(t, s, token("alone"), false)

	p.failOver(t)
	fresh := openStore(t, at(p.replica.Address))
	consumes(t, fresh, token("kept"), false)
}
