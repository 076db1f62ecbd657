package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

var errClosed = errors.New("revocation store is closed")

// store is one list in Redis.
type store struct {
	client   redis.UniversalClient
	keys     keys
	replicas int

	ctx  context.Context // the life of the store, which ends with Close
	stop context.CancelFunc
	work sync.WaitGroup // Follows and writes under way, and the purge

	mu        sync.Mutex
	followers map[*follower]struct{}
	since     time.Time // when the server was last heard, if it is not now; zero: it is
	why       error
}

func newStore(client redis.UniversalClient, keys keys, replicas int) *store {
	s := &store{client: client, keys: keys, replicas: replicas, followers: make(map[*follower]struct{})}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.work.Go(s.purge)
	return s
}

// newEpoch is 128 random bits.
func newEpoch() string { return rand.Text() }

// begin ties ctx to the life of the store. Close waits for end.
func (s *store) begin(ctx context.Context) (bound context.Context, end func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return nil, nil, errClosed
	}
	s.work.Add(1)
	bound, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	return bound, func() { stop(); cancel(); s.work.Done() }, nil
}

// Page implements revocation.Store: by kind, then in the order of hashes. A cursor is the last name.
func (s *store) Page(ctx context.Context, after string, limit int) ([]revocation.Entry, string, error) {
	if limit < 1 {
		return nil, "", errors.New("limit not positive")
	}
	if after != "" && !isField(after) {
		return nil, "", revocation.ErrCursor
	}
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return nil, "", err
	}
	defer end()
	var entries []revocation.Entry
	for len(entries) < limit {
		names, err := s.names(ctx, after, limit-len(entries)+1)
		if err != nil {
			return nil, "", fmt.Errorf("reading revocation store: %w", err)
		}
		if len(names) == 0 {
			return entries, "", nil
		}
		some := names[:min(len(names), limit-len(entries))]
		found, err := s.read(ctx, some)
		if err != nil {
			return nil, "", fmt.Errorf("reading revocation store: %w", err)
		}
		entries = append(entries, found...) // fewer, when some went meanwhile
		after = some[len(some)-1]
		if len(names) == len(some) {
			return entries, "", nil
		}
	}
	return entries, after, nil
}

// names are the first names behind one.
func (s *store) names(ctx context.Context, after string, limit int) ([]string, error) {
	from := "-"
	if after != "" {
		from = "(" + after
	}
	return s.client.ZRangeByLex(ctx, s.keys.names, &redis.ZRangeBy{Min: from, Max: "+", Count: int64(limit)}).Result()
}

// read reads the entries of names that are there.
func (s *store) read(ctx context.Context, names []string) ([]revocation.Entry, error) {
	records, err := s.client.HMGet(ctx, s.keys.entries, names...).Result()
	if err != nil {
		return nil, err
	}
	var entries []revocation.Entry
	for _, record := range records {
		text, there := record.(string)
		if !there {
			continue
		}
		e, err := decode(text)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Trouble implements revocation.Reporter.
func (s *store) Trouble() (since time.Time, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.since, s.why
}

// heard notes that the server answered at a time, or, with an error, that it does not since then.
func (s *store) heard(at time.Time, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case why == nil:
		s.since, s.why = time.Time{}, nil
	case s.since.IsZero():
		s.since, s.why = at, why
	default:
		s.why = why
	}
}

// Close implements revocation.Store.
func (s *store) Close() error {
	s.mu.Lock()
	first := s.ctx.Err() == nil
	s.stop()
	s.mu.Unlock()
	s.work.Wait()
	if !first {
		return nil
	}
	return s.client.Close()
}

// Interface guards
var (
	_ revocation.Consumer = (*store)(nil)
	_ revocation.Keeper   = (*store)(nil)
	_ revocation.Reporter = (*store)(nil)
)
