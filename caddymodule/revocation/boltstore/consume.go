package boltstore

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"go.etcd.io/bbolt"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// A key that was consumed stands in a bucket of its own, which is made with the first one: a file of a version that knew
// none is read as ever, and that version reads ours. Key: the revocation.Key. Value: 8 bytes, the second at which its
// token expires, big-endian, and 4 bytes CRC-32C of both. The mark stands among the meta as soon as the bucket does: a
// bucket that was lost must not look like one that was never made.
var (
	usedBucket = []byte("used")
	usedMark   = []byte("used")
)

const usedSize = 8 + trailer

// Consume implements revocation.Consumer. The clock is the one by which the caller took the token a moment ago.
func (s *store) Consume(ctx context.Context, key revocation.Key, expires time.Time) (first bool, err error) {
	return s.consume(ctx, key, expires, time.Now()) //nolint:forbidigo // the contract has no now, and prunes by none that the token does not bear out
}

// consume reads before it waits for its turn: of many that try one key at once only the first ones come to write.
func (s *store) consume(ctx context.Context, key revocation.Key, expires, now time.Time) (first bool, err error) {
	if expires.IsZero() {
		return false, errors.New("consuming a key: the token has no end")
	}
	if used, err := s.used(ctx, key); err != nil || used {
		return false, err
	}
	if err := s.take(ctx); err != nil {
		return false, err
	}
	defer s.give()
	// Again, now that nobody else writes, and still without a transaction that has to reach the disk.
	if used, err := s.used(ctx, key); err != nil || used {
		return false, err
	}
	// A clock that is ahead would forget keys of tokens that are still good once it is set right. The token was good a
	// moment ago, so a clock behind its end is no more than its lifetime ahead.
	if now.After(expires) {
		now = expires
	}
	var pruned bool
	err = s.update(func(tx *bbolt.Tx) (err error) {
		if pruned, err = s.pruneUsed(tx, now); err != nil {
			return err
		}
		return putUsed(tx, key, expires)
	})
	if err != nil {
		return false, err
	}
	if pruned {
		s.usedPruned = now.Unix()
	}
	return true, nil
}

// used reports whether key is there. A record that is not what was written is an error.
func (s *store) used(ctx context.Context, key revocation.Key) (used bool, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(usedBucket)
		if b == nil {
			return nil
		}
		record := b.Get(key[:])
		if record == nil {
			return nil
		}
		used = true
		return verifyUsed(key[:], record)
	})
	return used, err
}

func putUsed(tx *bbolt.Tx, key revocation.Key, expires time.Time) error {
	b, err := tx.CreateBucketIfNotExists(usedBucket)
	if err != nil {
		return err
	}
	if err := tx.Bucket(metaBucket).Put(usedMark, []byte(format)); err != nil {
		return err
	}
	record := binary.BigEndian.AppendUint64(make([]byte, 0, usedSize), uint64(expires.Unix())) //nolint:gosec // read as an int64
	return b.Put(key[:], appendSum(key[:], record))
}

// pruneUsed deletes keys past their end, once in a while, and reports whether that was all of them.
func (s *store) pruneUsed(tx *bbolt.Tx, now time.Time) (all bool, err error) {
	b := tx.Bucket(usedBucket)
	if b == nil || now.Unix() < s.usedPruned+pruneEvery {
		return false, nil
	}
	return prune(b, func(record []byte) bool { return gone(record, now) })
}

// checkUsed looks at every key that was consumed.
func checkUsed(tx *bbolt.Tx) error {
	b, err := made(tx, usedBucket, usedMark, "used tokens are")
	if err != nil || b == nil {
		return err
	}
	return b.ForEach(verifyUsed)
}

func verifyUsed(key, record []byte) error {
	if len(key) != len(revocation.Key{}) || len(record) != usedSize ||
		sum(key, record[:usedSize-trailer]) != binary.BigEndian.Uint32(record[usedSize-trailer:]) {
		return errDamaged
	}
	return nil
}
