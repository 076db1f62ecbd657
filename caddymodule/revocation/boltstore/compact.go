package boltstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// A file is made anew when it is larger than this and more than half of it is free: bbolt never gives space back.
const compactFrom = 4 << 20

// compactStep is how much one transaction of the copy holds, bytes.
const compactStep = 1 << 20

// compact makes the file anew if that is worth it, and reports whether it did. db holds the lock of the file until the
// new one has its name.
func compact(db *bbolt.DB, path string) (bool, error) {
	if !sparse(db) {
		return false, nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".revocations-*.new")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // by then it has its name, or is of no use
	if err := f.Close(); err != nil {
		return false, err
	}
	smaller, err := bbolt.Open(f.Name(), 0o600, &bbolt.Options{Timeout: lockTimeout, NoSync: true})
	if err != nil {
		return false, err
	}
	err = guard(func() error { return bbolt.Compact(smaller, db, compactStep) })
	if err == nil {
		err = smaller.Sync()
	}
	if err := errors.Join(err, smaller.Close()); err != nil {
		return false, fmt.Errorf("making the file smaller: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return false, err
	}
	return true, syncDir(filepath.Dir(path))
}

// sparse reports whether most of the file is free.
func sparse(db *bbolt.DB) bool {
	size, stats := int64(0), db.Stats()
	if err := db.View(func(tx *bbolt.Tx) error { size = tx.Size(); return nil }); err != nil {
		return false
	}
	free := int64(stats.FreePageN+stats.PendingPageN) * int64(db.Info().PageSize)
	return size > compactFrom && free > size/2
}
