package stream

import (
	"context"
	"sync"
	"time"
)

// crowd is how long the first of many streams that are cut together may wait for the last, before the bot's side ends.
const crowd = 100 * time.Millisecond

// gate lets many streams that are cut together say goodbye first, and ends their bot's sides after: that is most of the
// work, and the last client would wait for it. Nothing passes from client to bot meanwhile.
type gate struct {
	mu      sync.Mutex
	left    int // goodbyes to be said; zero: open
	waiting []context.CancelFunc
}

// newGate is a gate for n streams.
func newGate(n int) *gate {
	g := &gate{left: n}
	if n > 1 {
		time.AfterFunc(crowd, g.open)
	} else {
		g.left = 0
	}
	return g
}

// pass calls end now or, for who comes early, when all have come.
func (g *gate) pass(end context.CancelFunc) {
	g.mu.Lock()
	if g.left == 0 {
		g.mu.Unlock()
		end()
		return
	}
	g.waiting = append(g.waiting, end)
	g.left--
	last := g.left == 0
	g.mu.Unlock()
	if last {
		g.open()
	}
}

// open lets everybody pass.
func (g *gate) open() {
	g.mu.Lock()
	waiting := g.waiting
	g.waiting, g.left = nil, 0
	g.mu.Unlock()
	for _, end := range waiting {
		end()
	}
}
