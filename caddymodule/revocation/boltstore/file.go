package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
	"go.uber.org/zap"
)

// The file has two buckets, a third one since a token was used up (consume.go) and a fourth since something was kept
// (drawer.go). A program that does not know the format must not touch the file: it could lose what it does not understand.
var (
	metaBucket    = []byte("meta")
	entriesBucket = []byte("entries")
	formatKey     = []byte("format")
)

const (
	format      = "1"
	lockTimeout = time.Second
)

var errEmpty = errors.New("damaged: the file is empty")

// open opens the file at path, or makes it, and looks at every entry once.
func open(ctx context.Context, path string, makeDirectory bool) (*store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if makeDirectory {
		if err := mkdir(filepath.Dir(path)); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return nil, fmt.Errorf("making the file: %w", err)
		}
	}
	// First for reading: to open it for writing, bbolt needs pages that are not there when the file was cut short.
	db, err := openFile(path, true)
	if err != nil {
		return nil, err
	}
	err = guard(func() error { return db.View(check) })
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	if db, err = openFile(path, false); err != nil {
		return nil, err
	}
	smaller, err := compact(db, path)
	if err != nil {
		// Nothing is lost: a full disk must not keep anybody from starting.
		caddy.Log().Named("botlatch").Warn("the file of revocations was not made smaller", zap.String("path", path), zap.Error(err))
	}
	if smaller {
		if err := errors.Join(err, db.Close()); err != nil {
			return nil, err
		}
		if db, err = openFile(path, false); err != nil {
			return nil, err
		}
	}
	return newStore(db), nil
}

// openFile opens a file that is there.
func openFile(path string, readOnly bool) (db *bbolt.DB, err error) {
	var file *os.File
	options := &bbolt.Options{
		ReadOnly:     readOnly,
		Timeout:      lockTimeout,
		FreelistType: bbolt.FreelistMapType,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag&^os.O_CREATE, mode)
			if err != nil {
				return nil, err
			}
			// bbolt would make a new store of it. We never leave an empty file behind, see create.
			if info, err := f.Stat(); err != nil || info.Size() == 0 {
				return nil, errors.Join(err, errEmpty, f.Close())
			}
			file = f
			return f, nil
		},
	}
	err = guard(func() error {
		db, err = bbolt.Open(path, 0o600, options)
		return err
	})
	switch {
	case err == nil && !named(file, path):
		// Whoever held the lock before made the file anew meanwhile: what we hold has no name any more.
		return nil, errors.Join(errors.New("the file was replaced while it was opened: try again"), db.Close())
	case err == nil:
		return db, nil
	case file == nil:
		return nil, err // not readable, not writable, a directory
	}
	// After a panic bbolt did not. Its memory map keeps the file open, and so the lock held, until the process ends.
	_ = unlock(file)
	_ = file.Close()
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, errors.New("another process holds the file (or this one does, by another path)")
	}
	return nil, fmt.Errorf("damaged or not a revocation store: %w", err)
}

// named reports whether file is the one that path names.
func named(file *os.File, path string) bool {
	held, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(held, there)
}

// create makes an empty store. It is complete before it gets its name, so that a crash leaves no half file behind, and
// takes the name only when nobody else did meanwhile.
func create(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".revocations-*.new")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // by then it has its name, or is of no use
	if err := f.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(f.Name(), 0o600, &bbolt.Options{Timeout: lockTimeout})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		if _, err := tx.CreateBucket(entriesBucket); err != nil {
			return err
		}
		return meta.Put(formatKey, []byte(format))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	err = os.Link(f.Name(), path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = os.Rename(f.Name(), path) // a file system without hard links
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// mkdir makes dir and what is missing above it, so that it is still there after a power failure.
func mkdir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := mkdir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}

// syncDir makes a new name in dir durable; syncing the file alone does not.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // cannot be asked for there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
