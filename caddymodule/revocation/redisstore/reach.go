package redisstore

import (
	"context"
	"time"
)

// start reports whether f has loaded for the first time.
func (f *follower) start() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	first := !f.started
	f.started = true
	return first
}

// moved notes the place in the stream up to which f was told everything.
func (f *follower) moved(id streamID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = id
	close(f.came)
	f.came = make(chan struct{})
}

// loaded are the followers that have loaded.
func (s *store) loaded() (all []*follower) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.followers {
		f.mu.Lock()
		if f.started {
			all = append(all, f)
		}
		f.mu.Unlock()
	}
	return all
}

// reach waits until f was told of the change at id by the stream, in its turn. A follower that cannot hear the server just
// now is told directly: the stream says it again later.
func (f *follower) reach(ctx context.Context, id streamID, tell func(*follower)) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		f.mu.Lock()
		there, came := !f.last.before(id), f.came
		f.mu.Unlock()
		if there {
			return
		}
		select {
		case <-came:
			continue
		case <-timer.C:
		case <-ctx.Done():
		}
		f.apply.Lock()
		tell(f)
		f.apply.Unlock()
		return
	}
}
