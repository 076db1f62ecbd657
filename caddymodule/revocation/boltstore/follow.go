package boltstore

import (
	"context"

	"go.etcd.io/bbolt"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// loadStep is how many entries a follower gets at a time while it loads.
const loadStep = 256

// follower is told of each change once it is durable, before its writer is.
type follower struct{ add, remove func(...revocation.Entry) }

// Follow implements revocation.Store. Nobody but this process can write the file, so the changes are those of Add and
// Remove; they wait while a follower loads.
func (s *store) Follow(ctx context.Context, loaded func(), add, remove func(...revocation.Entry)) error {
	f := &follower{add: add, remove: remove}
	defer s.forget(f)
	if err := s.load(ctx, f, loaded); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case <-s.closed:
		return errClosed
	}
}

func (s *store) load(ctx context.Context, f *follower, loaded func()) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	batch := make([]revocation.Entry, 0, loadStep)
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(entriesBucket).ForEach(func(key, record []byte) error {
			e, err := decode(key, record)
			if err != nil {
				return err
			}
			if batch = append(batch, e); len(batch) < loadStep {
				return nil
			}
			f.add(batch...)
			batch = batch[:0]
			select {
			case <-s.closed:
				return errClosed
			case <-ctx.Done():
				return ctx.Err()
			default:
				return nil
			}
		})
	})
	if err != nil {
		return err
	}
	if len(batch) > 0 {
		f.add(batch...)
	}
	loaded()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.followers[f] = struct{}{}
	return nil
}

// forget returns when f is not being told anything any more.
func (s *store) forget(f *follower) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.followers, f)
}

// tell passes a change on to every follower.
func (s *store) tell(call func(*follower)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.followers {
		call(f)
	}
}
