package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"
)

// rest is how long the processors come to rest before the CPU time is read.
const rest = 20 * time.Millisecond

// measurement is what one case gave in one round.
type measurement struct {
	Round     int
	System    string
	Algorithm string
	use
	Requests int
	CPU      float64 // µs per request
	Rate     float64 // requests per second
	P50, P99 float64 // µs
	Idle     float64 // memory before the first request, MB
	Memory   float64 // and after the case
}

// measure asks a running system for the time of one case.
func (b *benchmark) measure(ctx context.Context, s system, r *process, q *requests, u use) (m measurement, err error) {
	m = measurement{System: s.name, use: u}
	want, next, warm := s.traffic(q, u)
	l := newLoad(r.address, u.Connections, want)
	defer l.close()
	reached := b.upstream.requests.Load()
	warmed, err := l.run(ctx, b.plan.warmCase(), warm)
	if err != nil {
		return m, err
	}
	time.Sleep(rest)
	pid := r.command.Process.Pid
	before, err := usageOf(pid)
	if err != nil {
		return m, err
	}
	began := time.Now()
	took, err := l.run(ctx, b.plan.time, next)
	elapsed := time.Since(began)
	if err != nil {
		return m, err
	}
	time.Sleep(rest)
	after, err := usageOf(pid)
	if err != nil {
		return m, err
	}
	if m.Memory, err = memoryOf(pid); err != nil {
		return m, err
	}
	if len(took) == 0 {
		return m, errors.New("not one answer")
	}
	if err := reachedAsMeant(want, len(warmed)+len(took), int(b.upstream.requests.Load()-reached)); err != nil {
		return m, err
	}
	m.Requests, m.Memory = len(took), m.Memory/1e6
	m.CPU = microseconds(after.since(before)) / float64(len(took))
	m.Rate = float64(len(took)) / elapsed.Seconds()
	m.P50, m.P99 = percentiles(took)
	for _, figure := range []*float64{&m.Memory, &m.CPU, &m.Rate, &m.P50, &m.P99} {
		*figure = math.Round(*figure*100) / 100
	}
	return m, nil
}

// traffic is what clients send in a use of s, and the status that they must get. Tokens that must be new stay so while a
// case is warmed up.
func (s system) traffic(q *requests, u use) (want int, next, warm func() []byte) {
	same := supply([][]byte{q.one}, true)
	switch u.Kind {
	case many:
		return http.StatusOK, supply(q.many[u.Connections], false), same
	case bad:
		next = supply(q.bad, true)
		if s.refusal != 0 {
			return s.refusal, next, next
		}
		return http.StatusOK, next, next
	default:
		return http.StatusOK, same, same
	}
}

// reachedAsMeant compares the requests that reached the bot with the answers. A guard lets none pass that it refuses.
func reachedAsMeant(want, answers, reached int) error {
	switch {
	case want == http.StatusOK && reached != answers:
		return fmt.Errorf("%d requests reached the bot, of %d that were answered", reached, answers)
	case want != http.StatusOK && reached != 0:
		return fmt.Errorf("%d requests with bad tokens reached the bot", reached)
	}
	return nil
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
