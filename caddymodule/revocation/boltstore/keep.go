package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// Record implements revocation.Keeper.
func (s *store) Record(ctx context.Context, drawer revocation.Drawer, key string) ([]byte, error) {
	return s.record(ctx, drawer, key, time.Now()) //nolint:forbidigo // the contract has no now
}

// Records implements revocation.Keeper.
func (s *store) Records(ctx context.Context, drawer revocation.Drawer) (map[string][]byte, error) {
	return s.records(ctx, drawer, time.Now()) //nolint:forbidigo // the contract has no now
}

// Swap implements revocation.Keeper.
func (s *store) Swap(ctx context.Context, drawer revocation.Drawer, key string, old, value []byte, expires time.Time) (swapped bool, err error) {
	return s.swap(ctx, drawer, key, old, value, expires, time.Now()) //nolint:forbidigo // the contract has no now
}

func (s *store) record(ctx context.Context, drawer revocation.Drawer, key string, now time.Time) (value []byte, err error) {
	if err := revocation.ValidateRecordKey(drawer, key); err != nil {
		return nil, fmt.Errorf("reading revocation store: %w", err)
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		b, err := drawers(tx)
		if err != nil || b == nil {
			return err
		}
		k := keptKey(drawer, key)
		if record := b.Get(k); record != nil {
			value, err = decodeKept(k, record, now)
		}
		return err
	})
	return value, err
}

func (s *store) records(ctx context.Context, drawer revocation.Drawer, now time.Time) (map[string][]byte, error) {
	if err := drawer.Validate(); err != nil {
		return nil, fmt.Errorf("reading revocation store: %w", err)
	}
	all := make(map[string][]byte)
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		b, err := drawers(tx)
		if err != nil || b == nil {
			return err
		}
		c := b.Cursor()
		for key, record := c.Seek([]byte{byte(drawer)}); key != nil && key[0] == byte(drawer); key, record = c.Next() {
			value, err := decodeKept(key, record, now)
			if err != nil {
				return err
			}
			if value != nil {
				all[string(key[1:])] = value
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// swap reads before it waits for its turn, as consume does: who loses costs no write.
func (s *store) swap(
	ctx context.Context, drawer revocation.Drawer, key string, old, value []byte, expires, now time.Time,
) (swapped bool, err error) {
	if err := revocation.ValidateSwap(drawer, key, old, value, expires); err != nil {
		return false, fmt.Errorf("swapping in revocation store: %w", err)
	}
	stands := func() (bool, error) {
		there, err := s.record(ctx, drawer, key, now)
		return err == nil && bytes.Equal(there, old), err // neither is ever empty but nil
	}
	if is, err := stands(); err != nil || !is {
		return false, err
	}
	if err := s.take(ctx); err != nil {
		return false, err
	}
	defer s.give()
	if is, err := stands(); err != nil || !is {
		return false, err
	}
	if old == nil && value == nil {
		return true, nil
	}
	if err := s.keep(drawer, keptKey(drawer, key), value, expires, now); err != nil {
		return false, err
	}
	return true, nil
}

// keep writes one record, or deletes it. It takes out what is past its end by no clock that the new record does not bear
// out: one that is ahead would forget what is still good once it is set right.
func (s *store) keep(drawer revocation.Drawer, key, value []byte, expires, now time.Time) error {
	if now.After(expires) {
		now = expires
	}
	t := s.tallies[drawer]
	err := s.update(func(tx *bbolt.Tx) error {
		b, err := makeDrawers(tx)
		if err != nil {
			return err
		}
		if value == nil {
			t.n--
			return b.Delete(key)
		}
		if b.Get(key) == nil {
			if err := t.room(b, drawer, now); err != nil {
				return fmt.Errorf("%s: %w", drawer, err)
			}
		}
		t.soonest = min(t.soonest, expires.UnixMilli())
		return b.Put(key, encodeKept(key, value, expires))
	})
	if err != nil && !errors.Is(err, revocation.ErrDrawerFull) {
		t = tally{} // nobody knows what of it was done
	}
	s.tallies[drawer] = t
	return err
}

// drawers is the bucket of what is kept; nil: there never was any.
func drawers(tx *bbolt.Tx) (*bbolt.Bucket, error) {
	return made(tx, drawersBucket, drawersMark, "what was kept is")
}

func makeDrawers(tx *bbolt.Tx) (*bbolt.Bucket, error) {
	b, err := tx.CreateBucketIfNotExists(drawersBucket)
	if err != nil {
		return nil, err
	}
	return b, tx.Bucket(metaBucket).Put(drawersMark, []byte(format))
}

// checkDrawers looks at every record.
func checkDrawers(tx *bbolt.Tx) error {
	b, err := drawers(tx)
	if err != nil || b == nil {
		return err
	}
	return b.ForEach(verifyKept)
}
