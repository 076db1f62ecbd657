//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package boltstore

import "os"

// unlock does nothing where locks are of another kind: they end with the process.
func unlock(*os.File) error { return nil }
