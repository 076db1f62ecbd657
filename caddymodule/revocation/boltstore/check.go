package boltstore

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// check reads the whole file once: it is ours, of a format we know, not cut short, and each record is what was written.
func check(tx *bbolt.Tx) error {
	info, err := os.Stat(tx.DB().Path())
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return errors.New("damaged: the file was cut short")
	}
	meta, entries := tx.Bucket(metaBucket), tx.Bucket(entriesBucket)
	if meta == nil || entries == nil {
		return errors.New("not a revocation store")
	}
	if found := string(meta.Get(formatKey)); found != format {
		return fmt.Errorf("format %.20q is not the one this version knows, %q: it may be of a newer version", found, format)
	}
	if err := entries.ForEach(verify); err != nil {
		return err
	}
	return errors.Join(checkUsed(tx), checkDrawers(tx))
}

// made is a bucket that is made with its first record; nil: it never was. One that was lost is an error.
func made(tx *bbolt.Tx, name, mark []byte, what string) (*bbolt.Bucket, error) {
	b, found := tx.Bucket(name), tx.Bucket(metaBucket).Get(mark)
	switch {
	case b == nil && found == nil:
		return nil, nil
	case b == nil || found == nil:
		return nil, fmt.Errorf("damaged: %s not all there", what)
	case string(found) != format:
		return nil, fmt.Errorf("%s of format %.20q, and this version knows %q: it may be of a newer version", what, found, format)
	}
	return b, nil
}

// guard turns what bbolt does about a damaged file, a panic or a fault on a page that is not there, into an error.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("damaged: %v", r)
		}
	}()
	return f()
}
