package door

import (
	"net/netip"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func tries(l *limiter, address string, n int, at time.Time) (allowed int) {
	for range n {
		if l.allow(netip.MustParseAddr(address), at) {
			allowed++
		}
	}
	return allowed
}

func TestAClientTriesSoOften(t *testing.T) {
	t.Parallel()
	l := new(limiter)
	for _, c := range []struct {
		name, address string
		at            time.Duration
		want          int
	}{
		{"ok/the first", "192.0.2.1", 0, 20},
		{"deny/at once again", "192.0.2.1", 0, 0},
		{"deny/as IPv6 spells it", "::ffff:192.0.2.1", 0, 0},
		{"ok/its neighbour", "192.0.2.2", 0, 20},
		{"ok/three seconds later", "192.0.2.1", 3 * time.Second, 1},
		{"ok/a minute later", "192.0.2.1", 70 * time.Second, 20},
		{"ok/a network of IPv6", "2001:db8:0:1::1", 0, 20},
		{"deny/another host of it", "2001:db8:0:1:ffff::2%eth0", 0, 0},
		{"ok/the next network", "2001:db8:0:2::1", 0, 20},
	} {
		if got := tries(l, c.address, 30, noon.Add(c.at)); got != c.want {
			t.Errorf("%s: %d of 30 allowed, want %d", c.name, got, c.want)
		}
	}
	if l.allow(netip.Addr{}, noon); tries(l, "192.0.2.9", 1, noon) != 1 {
		t.Error("a client without an address takes another's allowance")
	}
}

// TestAFloodOfAddressesFillsNoMemory and leaves who came before it alone.
func TestAFloodOfAddressesFillsNoMemory(t *testing.T) {
	t.Parallel()
	l := new(limiter)
	tries(l, "192.0.2.1", 5, noon)
	allowed := 0
	for i := range 3 * maxClients {
		address := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		if l.allow(address, noon) {
			allowed++
		}
	}
	if len(l.clients) > maxClients || allowed != maxClients-1+triesAMinute {
		t.Errorf("%d clients are remembered, %d tries allowed", len(l.clients), allowed)
	}
	if got := tries(l, "192.0.2.1", 30, noon); got != 15 {
		t.Errorf("who came before tries %d times, want 15", got)
	}
	later := noon.Add(2 * time.Minute)
	if got := tries(l, "198.51.100.1", 30, later); got != 20 || len(l.clients) != 1 {
		t.Errorf("later: %d of 30 allowed, %d clients remembered", got, len(l.clients))
	}
}
