package redisstore

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// fill puts n records into a drawer, past every bound.
func fill(t *testing.T, s *store, n int, ends func(i int) time.Time) {
	t.Helper()
	pipe := s.client.Pipeline()
	for i := range n {
		key, end := fmt.Sprintf("filled-%06d", i), ends(i).UnixMilli()
		pipe.HSet(t.Context(), s.keys.drawers[in].records, key, strconv.FormatInt(end, 10)+" ana")
		pipe.ZAdd(t.Context(), s.keys.drawers[in].ends, redis.Z{Score: float64(end) / 1000, Member: key})
		if pipe.Len() < 10_000 && i < n-1 {
			continue
		}
		if _, err := pipe.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// counts asserts how many records there are, those past their end too, and as many ends.
func counts(t *testing.T, s *store, records, ends string, want int64) {
	t.Helper()
	n, err := s.client.HLen(t.Context(), records).Result()
	m, err2 := s.client.ZCard(t.Context(), ends).Result()
	if err := errors.Join(err, err2); err != nil || n != want || m != want {
		t.Errorf("%d in %s, %d in %s, want %d: %v", n, records, m, ends, want, err)
	}
}

func TestAFullDrawerTakesNothingMore(t *testing.T) {
	t.Parallel()
	s := openStore(t, at(latchtest.StartRedis(t, "--appendfsync", "everysec").Address))
	k := s.keys.drawers[in]
	fill(t, s, revocation.MaxRecords-1, func(int) time.Time { return anHour() })
	swaps(t, s, "last", "", "ana", true)
	full := func() {
		t.Helper()
		if swapped, err := s.Swap(t.Context(), in, "more", nil, []byte("ben"), anHour()); swapped || !errors.Is(err, revocation.ErrDrawerFull) {
			t.Errorf("swapped = %t, %v", swapped, err)
		}
		counts(t, s, k.records, k.ends, revocation.MaxRecords)
	}
	full()
	if swapped, err := s.Swap(t.Context(), revocation.Invitations, "more", nil, []byte("ben"), anHour()); !swapped || err != nil {
		t.Errorf("the other drawer: swapped = %t, %v", swapped, err)
	}
	swaps(t, s, "last", "ana", "ben", true)
	full()
	swaps(t, s, "last", "ben", "", true)
	swaps(t, s, "more-0", "", "ben", true)
	full()
	if all, err := s.Records(t.Context(), in); err != nil || len(all) != revocation.MaxRecords || string(all["more-0"]) != "ben" {
		t.Errorf("%d records, want %d: %v", len(all), revocation.MaxRecords, err)
	}
	// The end of three comes.
	fill(t, s, 3, func(int) time.Time { return time.Now().Add(-time.Second) })
	swaps(t, s, "filled-000000", "", "ben", true) // in its own place
	swaps(t, s, "more-1", "", "ben", true)
	swaps(t, s, "more-2", "", "ben", true)
	full()
}

func TestRecordsAreTakenOutPastTheirEnd(t *testing.T) {
	t.Parallel()
	s := openStore(t, at(latchtest.StartRedis(t).Address))
	k := s.keys.drawers[in]
	swaps(t, s, "stays", "", "ana", true)
	now := time.Now()
	fill(t, s, loadStep+10, func(int) time.Time { return now.Add(-2 * time.Second) })
	counts(t, s, k.records, k.ends, loadStep+11)
	swaps(t, s, "more", "", "ben", true) // takes out 1000
	counts(t, s, k.records, k.ends, 12)
	counts(t, s, s.keys.swaps, s.keys.swapsEnds, 2)
	fill(t, s, 2*loadStep, func(int) time.Time { return now.Add(-2 * time.Second) })
	for i := range loadStep + 10 { // senders that were remembered long enough
		sender := fmt.Sprint("sender-", i)
		s.client.HSet(t.Context(), s.keys.swaps, sender, "")
		s.client.ZAdd(t.Context(), s.keys.swapsEnds, redis.Z{Score: float64(now.Unix() - 2), Member: sender})
	}
	swaps(t, s, "more", "ben", "ben", true) // forgets 1000
	counts(t, s, s.keys.swaps, s.keys.swapsEnds, 13)
	s.purgeOnce()
	counts(t, s, k.records, k.ends, 2)
	counts(t, s, s.keys.swaps, s.keys.swapsEnds, 3)
	holds(t, s, "stays", "ana")
	holds(t, s, "more", "ben")
}

// A record has the end that was asked for, by the server's clock, as exactly as that.
func TestEndsAreCountedByTheServersClock(t *testing.T) {
	t.Parallel()
	s := openStore(t, at(latchtest.StartRedis(t).Address))
	k := s.keys.drawers[in]
	for key, end := range map[string]time.Time{
		"an-hour": anHour(), "in-9999": time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC), "in-1970": time.Unix(1, 0),
	} {
		if swapped, err := s.Swap(t.Context(), in, key, nil, []byte("ana"), end); err != nil || !swapped {
			t.Errorf("%s: swapped = %t, %v", key, swapped, err)
		}
		record, err := s.client.HGet(t.Context(), k.records, key).Result()
		score, err2 := s.client.ZScore(t.Context(), k.ends, key).Result()
		if err := errors.Join(err, err2); err != nil || len(record) < 5 {
			t.Fatalf("%s: %q, %v", key, record, err)
		}
		kept, err := strconv.ParseInt(record[:len(record)-4], 10, 64)
		if off := kept - end.UnixMilli(); err != nil || record[len(record)-4:] != " ana" || off < -1 || off > 5000 {
			t.Errorf("%s: %q is %d ms off, %v", key, record, off, err)
		}
		if score != float64(kept)/1000 {
			t.Errorf("%s: the score is %f, the end %d", key, score, kept)
		}
		if ttl, err := s.client.TTL(t.Context(), k.records).Result(); err != nil || ttl != -1 {
			t.Errorf("what has a TTL is thrown away first: %v, %v", ttl, err)
		}
	}
}
