package redisstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

const in = revocation.Sessions

// swaps asserts what a store says of a swap; the empty text is nothing.
func swaps(t *testing.T, s *store, key, old, value string, want bool) {
	t.Helper()
	if swapped, err := s.Swap(t.Context(), in, key, orNil(old), orNil(value), anHour()); err != nil || swapped != want {
		t.Errorf("%s: swapped = %t, %v, want %t", key, swapped, err, want)
	}
}

func holds(t *testing.T, s *store, key, want string) {
	t.Helper()
	if value, err := s.Record(t.Context(), in, key); err != nil || string(value) != want {
		t.Errorf("%s: %d bytes, or others than it should, %v", key, len(value), err)
	}
}

func orNil(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

func TestOfManyLatchesOneSwaps(t *testing.T) {
	t.Parallel()
	c := at(latchtest.StartRedis(t).Address)
	latchtest.SwapAtOnce(t, openStore(t, c), openStore(t, c))
}

// An answer that was lost makes the client send again, and what was done is done by its sender, whoever swapped since.
func TestSwappingSentAgainIsTheSame(t *testing.T) {
	t.Parallel()
	s := openStore(t, at(latchtest.StartRedis(t).Address))
	for i, step := range []struct {
		sender, old, value string
		want               int
		holds              string
	}{
		{"ana", "", "1", 1, "1"},
		{"ana", "", "1", 1, "1"},
		{"ben", "", "1", 0, "1"},
		{"ben", "", "1", 0, "1"},
		{"cleo", "1", "2", 1, "2"},
		{"ana", "", "1", 1, "2"},
		{"dan", "2", "", 1, ""},
		{"dan", "2", "", 1, ""},
		{"emma", "2", "", 0, ""},
		{"fred", "", "2", 1, "2"},
		{"dan", "2", "", 1, "2"},
		{"emma", "2", "", 1, ""}, // refused before, and sent again when it fits: never answered twice
	} {
		code, err := s.swap(t.Context(), in, "key", step.sender, orNil(step.old), orNil(step.value), 60_000)
		if err != nil || code != step.want {
			t.Errorf("step %d: %d, %v, want %d", i, code, err, step.want)
		}
		holds(t, s, "key", step.holds)
	}
}

// lossy loses the next answer, and the connection with it.
type lossy struct {
	net.Conn

	lose *atomic.Bool
}

func (l lossy) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if n > 0 && l.lose.CompareAndSwap(true, false) {
		_ = l.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

func TestWhoeverLosesTheAnswerIsToldAllTheSame(t *testing.T) {
	t.Parallel()
	c := at(latchtest.StartRedis(t).Address)
	if err := c.provision(); err != nil {
		t.Fatal(err)
	}
	var lose atomic.Bool
	c.options.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return lossy{conn, &lose}, err
	}
	s, err := open(t.Context(), c.options, c.Prefix, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	swaps(t, s, "first", "", "1", true) // now the server knows the script
	for _, step := range []struct{ old, value string }{{"", "1"}, {"1", "2"}, {"2", ""}} {
		lose.Store(true)
		swaps(t, s, "key", step.old, step.value, true)
		if lose.Load() {
			t.Fatal("no answer was lost: the test looked at nothing")
		}
		holds(t, s, "key", step.value)
	}
}

func TestAServerThatWasKilledKnowsWhatWasKept(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	s := openStore(t, at(server.Address))
	for i := range 5 {
		key := fmt.Sprint(i)
		swaps(t, s, key, "", "ana", true)
		swaps(t, s, key+"-out", "", "ana", true)
		swaps(t, s, key+"-out", "ana", "", true)
		server.Kill()
		if swapped, err := s.Swap(t.Context(), in, "lost", nil, []byte("ana"), anHour()); swapped || err == nil {
			t.Errorf("swapped = %t, %v, of a server that is gone", swapped, err)
		}
		if value, err := s.Record(t.Context(), in, key); value != nil || err == nil {
			t.Errorf("a record of a server that is gone: %v", err)
		}
		if all, err := s.Records(t.Context(), in); all != nil || err == nil {
			t.Errorf("records of a server that is gone: %v", err)
		}
		server.Run()
		eventually(t, "recovered", soon, func() bool { return s.client.Ping(t.Context()).Err() == nil })
		holds(t, s, key, "ana")
		holds(t, s, key+"-out", "")
		swaps(t, s, key, "", "ben", false)
	}
}

func TestARecordThatNoReplicaHasIsAnErrorAndKept(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	c := at(p.leader.Address)
	c.Replicas = 1
	s := openStore(t, c)
	eventually(t, "a replica in step", soon, func() bool { return s.Add(t.Context(), token("first")) == nil })
	swaps(t, s, "kept", "", "ana", true)
	p.replication.Cut()
	if swapped, err := s.Swap(t.Context(), in, "alone", nil, []byte("ana"), anHour()); swapped || err == nil {
		t.Errorf("swapped = %t, %v", swapped, err)
	}
	if code, err := s.swap(t.Context(), in, "again", "ana", nil, []byte("ana"), 60_000); err == nil {
		t.Errorf("%d, %v", code, err)
	}
	// Sent again it is done already, and still no replica has it.
	if code, err := s.swap(t.Context(), in, "again", "ana", nil, []byte("ana"), 60_000); err == nil {
		t.Errorf("sent again: %d, %v", code, err)
	}
	p.replication.Mend()
	eventually(t, "a replica in step again", soon, func() bool { return s.Add(t.Context(), token("second")) == nil })
	holds(t, s, "alone", "ana")

	p.failOver(t)
	fresh := openStore(t, at(p.replica.Address))
	holds(t, fresh, "kept", "ana")
	swaps(t, fresh, "kept", "", "ben", false)
}

func TestARecordThatNobodyWroteIsAnError(t *testing.T) {
	t.Parallel()
	s := openStore(t, at(latchtest.StartRedis(t).Address))
	records := s.keys.drawers[in].records
	for _, damaged := range []string{"", "ana", "1893585600000", "1893585600000 ", " ana", "-1 ana", "1e3 ana", "4000000000000\x00ana"} {
		if err := s.client.HSet(t.Context(), records, "key", damaged).Err(); err != nil {
			t.Fatal(err)
		}
		if value, err := s.Record(t.Context(), in, "key"); value != nil || !errors.Is(err, errKept) {
			t.Errorf("%q: Record: %v", damaged, err)
		}
		if all, err := s.Records(t.Context(), in); all != nil || !errors.Is(err, errKept) {
			t.Errorf("%q: Records: %v", damaged, err)
		}
		for _, old := range []string{"", "ana"} {
			if swapped, err := s.Swap(t.Context(), in, "key", orNil(old), nil, anHour()); swapped || !errors.Is(err, errKept) {
				t.Errorf("%q: swapped = %t, %v", damaged, swapped, err)
			}
		}
	}
	if err := errors.Join(s.client.HDel(t.Context(), records, "key").Err(), s.client.HSet(t.Context(), records, "a key", "4000000000000 ana").Err()); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Records(t.Context(), in); all != nil || err == nil || strings.Contains(err.Error(), "a key") {
		t.Errorf("a key that nobody wrote: %v", err)
	}
}

func TestAServerThatDoesNotAnswerKeepsNoTime(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	s := openStore(t, at(server.Address))
	server.Freeze()
	defer server.Thaw()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if swapped, err := s.Swap(ctx, in, "key", nil, []byte("ana"), anHour()); swapped || err == nil {
		t.Errorf("swapped = %t, %v", swapped, err)
	}
	if took := time.Since(began); took > 4*time.Second { // less than ioTimeout
		t.Errorf("took %v", took)
	}
}
