package boltstore

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

const (
	pruneEvery = int64(24 * time.Hour / time.Second)
	pruneMost  = 4096 // in one transaction; the rest goes with the next writes
)

// Add implements revocation.Writer.
func (s *store) Add(ctx context.Context, entries ...revocation.Entry) error {
	var newest time.Time
	for _, e := range entries {
		if err := e.Validate(); err != nil {
			return fmt.Errorf("adding to revocation store: %w", err)
		}
		if e.At.After(newest) {
			newest = e.At
		}
	}
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	var changed []revocation.Entry
	var pruned bool
	err := s.update(func(tx *bbolt.Tx) (err error) {
		b := tx.Bucket(entriesBucket)
		if changed, err = put(b, entries); err != nil {
			return err
		}
		if newest.Unix() >= s.pruned+pruneEvery {
			pruned, err = prune(b, func(record []byte) bool { return gone(record[8:], newest) })
		}
		return err
	})
	if err != nil {
		return err
	}
	if pruned {
		s.pruned = newest.Unix()
	}
	if len(changed) > 0 {
		s.tell(func(f *follower) { f.add(changed...) })
	}
	return nil
}

// Remove implements revocation.Writer.
func (s *store) Remove(ctx context.Context, entries ...revocation.Entry) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	err := s.update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(entriesBucket)
		for _, e := range entries {
			if err := b.Delete(recordKey(e)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.tell(func(f *follower) { f.remove(entries...) })
	return nil
}

// update writes in one transaction, durable when it returns nil.
func (s *store) update(write func(*bbolt.Tx) error) error {
	if err := guard(func() error { return s.db.Update(write) }); err != nil {
		return fmt.Errorf("writing revocation store: %w", err)
	}
	return nil
}

// put merges entries with what is there and returns what is new.
func put(b *bbolt.Bucket, entries []revocation.Entry) (changed []revocation.Entry, err error) {
	for _, e := range entries {
		e = e.Canonical()
		key := recordKey(e)
		if record := b.Get(key); record != nil {
			old, err := decode(key, record)
			if err != nil {
				return nil, err
			}
			if e = old.Merge(e); e == old {
				continue
			}
		}
		if err := b.Put(key, encode(key, e)); err != nil {
			return nil, err
		}
		changed = append(changed, e)
	}
	return changed, nil
}

// prune deletes records past their end and reports whether that was all of them. For entries the clock is the newest
// entry's: a writer's clock was looked at (revocation.List.Cutoff), that of a machine that just booted was not. Followers
// are not told, the list in memory drops such entries by itself.
func prune(b *bbolt.Bucket, past func(record []byte) bool) (all bool, err error) {
	var keys [][]byte
	c := b.Cursor()
	for key, record := c.First(); key != nil && len(keys) < pruneMost; key, record = c.Next() {
		if past(record) {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		if err := b.Delete(key); err != nil {
			return false, err
		}
	}
	return len(keys) < pruneMost, nil
}

// gone reports whether the end in front of b is past, and its grace too.
func gone(b []byte, now time.Time) bool { return (revocation.Entry{ExpiresAt: instant(b)}).Gone(now) }
