package redisstore

import (
	"context"
	"sync"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

const (
	loadStep   = 1000                   // entries that one read of a load asks for, about
	retryAfter = 200 * time.Millisecond // to look for the server again
	patience   = time.Second            // for a follower to hear of a change from the stream, before it is told directly
)

// follower is one Follow.
type follower struct {
	apply       sync.Mutex // held while add or remove runs
	add, remove func(...revocation.Entry)

	mu      sync.Mutex
	epoch   string
	last    streamID
	came    chan struct{} // closed and replaced when last moved
	started bool          // it has loaded
}

// Follow implements revocation.Store. When the server cannot be heard it tries again, and resumes where it was; Trouble
// tells meanwhile.
func (s *store) Follow(ctx context.Context, loaded func(), add, remove func(...revocation.Entry)) error {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	f := &follower{add: add, remove: remove, came: make(chan struct{})}
	s.mu.Lock()
	s.followers[f] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.followers, f)
	}()
	for contact := time.Now(); ctx.Err() == nil; {
		err := s.follow(ctx, f, loaded, &contact)
		if ctx.Err() != nil {
			break
		}
		s.heard(contact, err)
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
	if s.ctx.Err() != nil {
		return errClosed
	}
	return nil
}

// follow loads, or resumes, and then passes on what the stream says. It returns the first error. contact is when the
// server was last heard.
func (s *store) follow(ctx context.Context, f *follower, loaded func(), contact *time.Time) error {
	epoch, err := s.epoch(ctx)
	if err != nil {
		return err
	}
	known, err := s.resumes(ctx, f, epoch)
	if err != nil {
		return err
	}
	if !known {
		if err := s.load(ctx, f, epoch); err != nil {
			return err
		}
	}
	*contact = time.Now()
	s.heard(*contact, nil)
	if f.start() {
		loaded()
	}
	for ctx.Err() == nil {
		if err := s.next(ctx, f); err != nil {
			return err
		}
		*contact = time.Now()
	}
	return ctx.Err()
}

// resumes reports whether the stream still holds the last change that f was told. If so, everything behind it is there
// too. If not, the stream was trimmed meanwhile or the server lost data, and everything has to be read anew.
func (s *store) resumes(ctx context.Context, f *follower, epoch string) (bool, error) {
	if !f.started {
		return false, nil
	}
	if f.epoch == epoch {
		id := f.last.String()
		found, err := s.client.XRangeN(ctx, s.keys.changes, id, id, 1).Result()
		if err != nil || len(found) == 1 {
			return len(found) == 1, err
		}
	}
	caddy.Log().Named("botlatch").Warn("Redis does not have the last changes any more that this latch was told: the list is read anew, "+
		"and what it held before stays in it", zap.Bool("other_list", f.epoch != epoch))
	return false, nil
}

// load passes on all there is. The place in the stream is taken first: what changes meanwhile is said again.
func (s *store) load(ctx context.Context, f *follower, epoch string) error {
	last, err := s.newest(ctx)
	if err != nil {
		return err
	}
	for cursor := uint64(0); ; {
		pairs, next, err := s.client.HScan(ctx, s.keys.entries, cursor, "", loadStep).Result()
		if err != nil {
			return err
		}
		batch := make([]revocation.Entry, 0, len(pairs)/2)
		for i := 1; i < len(pairs); i += 2 {
			e, err := decode(pairs[i])
			if err != nil {
				return err
			}
			batch = append(batch, e)
		}
		f.tell(f.add, batch)
		if cursor = next; cursor == 0 {
			break
		}
	}
	f.mu.Lock()
	f.epoch = epoch
	f.mu.Unlock()
	f.moved(last)
	return nil
}

// newest is the place of the newest change. A stream that nobody wrote to yet gets a first one, so that a later look can
// tell whether it is still the same.
func (s *store) newest(ctx context.Context) (streamID, error) {
	for {
		last, err := s.client.XRevRangeN(ctx, s.keys.changes, "+", "-", 1).Result()
		if err != nil {
			return streamID{}, err
		}
		if len(last) == 1 {
			return parseStreamID(last[0].ID)
		}
		if err := s.client.XAdd(ctx, &redis.XAddArgs{Stream: s.keys.changes, Values: []string{"begin", ""}}).Err(); err != nil {
			return streamID{}, err
		}
	}
}
