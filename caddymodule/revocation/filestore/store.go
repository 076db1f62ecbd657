package filestore

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"sort"
	"sync"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

var errClosed = errors.New("revocation store is closed")

// store is one file that is looked at.
type store struct {
	path    string
	issuer  *string
	closed  chan struct{}
	close   func()
	running sync.WaitGroup

	seen    sight // the file that was last read; poll's own
	pending *list // what it said, if that takes entries back; poll's own

	mu        sync.Mutex
	list      *list // what is in force
	followers map[*follower]struct{}
	since     time.Time // when the file was first found broken; zero: it is not
	why       error
}

type follower struct{ add, remove func(...revocation.Entry) }

func open(ctx context.Context, path string, issuer *string) (*store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	seen, l, err := read(path, issuer)
	if err != nil {
		return nil, err
	}
	s := &store{
		path: path, issuer: issuer, seen: seen, list: l,
		closed: make(chan struct{}), followers: make(map[*follower]struct{}),
	}
	s.close = sync.OnceFunc(func() { close(s.closed) })
	s.running.Go(s.poll)
	return s, nil
}

// Follow implements revocation.Store.
func (s *store) Follow(ctx context.Context, loaded func(), add, remove func(...revocation.Entry)) error {
	f := &follower{add, remove}
	if err := s.begin(ctx, f, loaded); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.followers, f)
	}()
	select {
	case <-ctx.Done():
		return nil
	case <-s.closed:
		return errClosed
	}
}

// begin tells f everything and makes it a follower, between two changes.
func (s *store) begin(ctx context.Context, f *follower, loaded func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	entries := make([]revocation.Entry, 0, len(s.list.order))
	for _, key := range s.list.order {
		entries = append(entries, s.list.entries[key])
	}
	f.add(entries...)
	loaded()
	s.followers[f] = struct{}{}
	return nil
}

func (s *store) usable(ctx context.Context) error {
	select {
	case <-s.closed:
		return errClosed
	default:
		return ctx.Err()
	}
}

// Page implements revocation.Store: in the order of hashes. A cursor is the last one.
func (s *store) Page(ctx context.Context, after string, limit int) (entries []revocation.Entry, next string, err error) {
	if limit < 1 {
		return nil, "", errors.New("limit not positive")
	}
	last, err := base64.RawURLEncoding.Strict().DecodeString(after)
	if err != nil || after != "" && len(last) != len(revocation.Key{}) {
		return nil, "", revocation.ErrCursor
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return nil, "", err
	}
	order := s.list.order
	if after != "" {
		order = order[sort.Search(len(order), func(i int) bool { return bytes.Compare(order[i][:], last) > 0 }):]
	}
	for _, key := range order[:min(limit, len(order))] {
		entries = append(entries, s.list.entries[key])
	}
	if len(order) > limit {
		next = base64.RawURLEncoding.EncodeToString(order[limit-1][:])
	}
	return entries, next, nil
}

// Trouble implements revocation.Reporter.
func (s *store) Trouble() (since time.Time, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.since, s.why
}

// Close implements revocation.Store.
func (s *store) Close() error {
	s.close()
	s.running.Wait()
	return nil
}

// Interface guards
var _ revocation.Reporter = (*store)(nil)
