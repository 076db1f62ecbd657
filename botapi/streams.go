package botapi

import (
	"context"
	"sync"
	"time"
)

// patience is how long a client of a stream may keep the robot waiting: for one write, and for one farewell. Below it
// lie the buffers of both kernels, so that only who has stopped reading long ago comes to feel it.
const patience = 500 * time.Millisecond

// streams are the requests that stay open, from the robot's start to its stop. Its zero value lets none begin. It is safe
// for concurrent use.
type streams struct {
	mu  sync.Mutex
	run *run
}

// run is one time between start and stop.
type run struct {
	ctx  context.Context
	end  context.CancelFunc
	open sync.WaitGroup // added to under streams.mu, and not once ctx has ended
}

// begin lets streams begin.
func (s *streams) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.run = &run{}
	s.run.ctx, s.run.end = context.WithCancel(context.Background())
}

// enter begins a stream, which must end when ctx does and then call leave. It returns errAsleep if none may begin.
func (s *streams) enter() (ctx context.Context, leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run == nil || s.run.ctx.Err() != nil {
		return nil, nil, errAsleep
	}
	s.run.open.Add(1)
	return s.run.ctx, s.run.open.Done, nil
}

// end tells all streams to end and lets none begin. It does not wait.
func (s *streams) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil {
		s.run.end()
	}
}

// wait reports whether all streams have ended, at the latest after limit. It is for after end.
func (s *streams) wait(limit time.Duration) bool {
	s.mu.Lock()
	run := s.run
	s.mu.Unlock()
	if run == nil {
		return true
	}
	ended := make(chan struct{})
	go func() { run.open.Wait(); close(ended) }()
	select {
	case <-ended:
		return true
	case <-time.After(limit):
		return false
	}
}
