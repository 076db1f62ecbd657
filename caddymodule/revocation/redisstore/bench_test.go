package redisstore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// heard is a list that notes when it was told of what.
type heard struct {
	list revocation.List

	mu sync.Mutex
	at map[string]time.Time
}

// startHeard follows a store until the test ends.
func startHeard(b *testing.B, s *store) *heard {
	b.Helper()
	h := &heard{at: make(map[string]time.Time)}
	source, err := h.list.Source("test")
	if err != nil {
		b.Fatal(err)
	}
	loaded := make(chan struct{})
	go func() {
		_ = s.Follow(b.Context(), func() { close(loaded) }, func(entries ...revocation.Entry) {
			source.Add(entries...)
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, e := range entries {
				h.at[e.Value] = time.Now()
			}
		}, source.Remove)
	}()
	<-loaded
	return h
}

// when is when the list was told of a value; it waits for it.
func (h *heard) when(value string) time.Time {
	for {
		h.mu.Lock()
		at, ok := h.at[value]
		h.mu.Unlock()
		if ok {
			return at
		}
		time.Sleep(time.Millisecond)
	}
}

// BenchmarkRevokedEverywhere prints how long after "revoked" was answered the last of many latches in this process knows.
// Each has its own connections to one server.
func BenchmarkRevokedEverywhere(b *testing.B) {
	for _, latches := range []int{2, 20, 200} {
		b.Run(fmt.Sprint(latches), func(b *testing.B) {
			server := latchtest.StartRedis(b)
			all := make([]*heard, latches)
			writers := make([]*store, latches)
			for i := range latches {
				writers[i] = openStore(b, at(server.Address))
				all[i] = startHeard(b, writers[i])
			}
			idle := cpu(b, writers[0])
			time.Sleep(idleFor)
			idle = cpu(b, writers[0]) - idle
			var answers, everywhere []time.Duration
			for i := 0; b.Loop(); i++ {
				value := fmt.Sprint(i)
				began := time.Now()
				if err := writers[i%latches].Add(b.Context(), token(value)); err != nil {
					b.Fatal(err)
				}
				answered := time.Now()
				last := answered
				for _, h := range all {
					if at := h.when(value); at.After(last) {
						last = at
					}
				}
				answers, everywhere = append(answers, answered.Sub(began)), append(everywhere, last.Sub(answered))
			}
			b.ReportMetric(100*idle/idleFor.Seconds(), "idle-%-of-a-core")
			report(b, "answer", answers)
			report(b, "everywhere", everywhere)
		})
	}
}

// idleFor is how long the server is watched while nothing changes.
const idleFor = 3 * time.Second

// cpu is what the server has used so far, in seconds.
func cpu(b *testing.B, s *store) (sum float64) {
	b.Helper()
	info, err := s.client.Info(b.Context(), "cpu").Result()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_sys" || name == "used_cpu_user" {
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil {
				b.Fatal(err)
			}
			sum += seconds
		}
	}
	return sum
}

func report(b *testing.B, what string, all []time.Duration) {
	b.Helper()
	slices.Sort(all)
	for name, i := range map[string]int{"p50": len(all) / 2, "p99": len(all) * 99 / 100, "max": len(all) - 1} {
		b.ReportMetric(float64(all[i].Microseconds())/1000, what+"-"+name+"-ms")
	}
}

// BenchmarkLoad is the start of a latch on a list of a million tokens.
func BenchmarkLoad(b *testing.B) {
	server := latchtest.StartRedis(b, "--appendfsync", "no")
	s := openStore(b, at(server.Address))
	const entries, step = 1_000_000, 2000
	for i := 0; i < entries; i += step {
		batch := make([]revocation.Entry, step)
		for j := range batch {
			batch[j] = token(fmt.Sprintf("0b5c7a9e-4f0f-4f43-9c0d-%012d", i+j))
			batch[j].ExpiresAt, batch[j].Reason = noon.Add(time.Hour), "lost phone"
		}
		if err := s.Add(b.Context(), batch...); err != nil {
			b.Fatal(err)
		}
	}
	memory, err := s.client.Info(b.Context(), "memory").Result()
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%.60s", memory[10:])
	for b.Loop() {
		if h := startHeard(b, openStore(b, at(server.Address))); h.list.Total() != entries {
			b.Fatal(h.list.Total())
		}
	}
}
