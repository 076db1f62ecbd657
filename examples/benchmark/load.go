package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// load is some clients that ask one system.
type load struct {
	clients []*client
	want    int // the status of each answer
}

// newLoad has n clients of a system. They connect with their first request.
func newLoad(address string, n, want int) *load {
	l := &load{want: want}
	for range n {
		l.clients = append(l.clients, &client{address: address})
	}
	return l
}

func (l *load) close() {
	for _, c := range l.clients {
		c.close()
	}
}

// run lets every client ask for a time, one request after the other, and returns how long each took. next has the next
// request; when it has none the run is over. An answer that is wrong ends it.
func (l *load) run(ctx context.Context, d time.Duration, next func() []byte) (took []time.Duration, err error) {
	var work sync.WaitGroup
	var failed atomic.Pointer[error]
	all := make([][]time.Duration, len(l.clients))
	end := time.Now().Add(d)
	for i, c := range l.clients {
		c.limit(end.Add(answerPatience))
		work.Go(func() {
			took := make([]time.Duration, 0, 1<<13)
			for at := time.Now(); at.Before(end) && failed.Load() == nil && ctx.Err() == nil; {
				request := next()
				if request == nil {
					break
				}
				status, err := c.ask(ctx, request)
				if err == nil && status != l.want {
					err = fmt.Errorf("answered %d, not %d", status, l.want)
				}
				if err != nil {
					failed.CompareAndSwap(nil, &err)
					break
				}
				now := time.Now()
				took = append(took, now.Sub(at))
				at = now
			}
			all[i] = took
		})
	}
	work.Wait()
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	for _, t := range all {
		took = append(took, t...)
	}
	return took, ctx.Err()
}

// supply is a source of requests: in turn, and from the beginning again when around is set.
func supply(all [][]byte, around bool) func() []byte {
	var sent atomic.Int64
	return func() []byte {
		i := int(sent.Add(1) - 1)
		if i >= len(all) && !around {
			return nil
		}
		return all[i%len(all)]
	}
}
