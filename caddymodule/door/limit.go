package door

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A client may try so often; clients beyond so many share one allowance, so that a flood of addresses fills no memory.
const (
	triesAMinute = 20
	maxClients   = 4096
)

// limiter bounds attempts by address: a single one of IPv4, a /64 of IPv6. The zero value is ready.
type limiter struct {
	mu      sync.Mutex
	clients map[netip.Prefix]*rate.Limiter
	rest    *rate.Limiter
}

func newAllowance() *rate.Limiter {
	return rate.NewLimiter(rate.Every(time.Minute/triesAMinute), triesAMinute)
}

func (l *limiter) allow(client netip.Addr, now time.Time) bool {
	client = client.Unmap().WithZone("")
	bits := min(client.BitLen(), 64)
	network, _ := client.Prefix(bits) // an invalid address is a client, too
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.clients == nil {
		l.clients, l.rest = make(map[netip.Prefix]*rate.Limiter), newAllowance()
	}
	allowance := l.clients[network]
	if allowance == nil {
		if len(l.clients) >= maxClients {
			l.forget(now)
		}
		if len(l.clients) >= maxClients {
			return l.rest.AllowN(now, 1)
		}
		allowance = newAllowance()
		l.clients[network] = allowance
	}
	return allowance.AllowN(now, 1)
}

// forget drops clients whose allowance is whole again.
func (l *limiter) forget(now time.Time) {
	for network, allowance := range l.clients {
		if allowance.TokensAt(now) >= triesAMinute {
			delete(l.clients, network)
		}
	}
}
