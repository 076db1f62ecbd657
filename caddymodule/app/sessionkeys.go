package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/certmagic"

	"github.com/botlatch/botlatch/caddymodule/session"
)

const (
	ringPlace     = "botlatch/session_keys.json" // in Caddy's storage
	ringCooldown  = 10 * time.Second             // between two looks for a key that somebody made up
	ringTimeout   = 2 * time.Second              // of a look
	ringLockLimit = 10 * time.Second             // of a change, which waits for other latches
)

// SessionKeys are the keys of one place that sign sessions. Latches that share the place share the sessions. Safe for
// concurrent use.
type SessionKeys struct {
	storage certmagic.Storage
	place   string // within storage

	opened chan struct{} // closed when there is a ring
	ring   atomic.Pointer[session.Ring]

	mu     sync.Mutex // of who reads and writes
	readAt time.Time
}

// SessionKeys returns the keys of a file, of Caddy's storage when it is empty. Nothing is read before Start.
func (a *App) SessionKeys(file string) (*SessionKeys, error) {
	if file != "" {
		absolute, err := filepath.Abs(file)
		if err != nil {
			return nil, err
		}
		file = absolute
	}
	if k := a.sessionKeys[file]; k != nil {
		return k, nil
	}
	k := &SessionKeys{storage: a.ctx.Storage(), place: ringPlace, opened: make(chan struct{})}
	if file != "" {
		k.storage, k.place = &certmagic.FileStorage{Path: filepath.Dir(file)}, filepath.Base(file)
	}
	a.sessionKeys[file] = k
	return k, nil
}

// Ring implements session.Keys. While it is being read for the first time a request waits up to a second.
func (k *SessionKeys) Ring(ctx context.Context, missing string) (*session.Ring, error) {
	ring := k.ring.Load()
	if ring == nil {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-k.opened:
			ring = k.ring.Load()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-timer.C:
			return nil, errNotOpened
		}
	}
	if missing == "" || ring.Has(missing) {
		return ring, nil
	}
	k.lookAgain()
	return k.ring.Load(), nil
}

var errNotOpened = errors.New("the session keys are not read yet")

// lookAgain reads the ring, unless somebody does so or has just done so.
func (k *SessionKeys) lookAgain() {
	if !k.mu.TryLock() {
		return
	}
	defer k.mu.Unlock()
	if time.Since(k.readAt) < ringCooldown {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), ringTimeout) // of all who ask, not of this one
	defer cancel()
	_ = k.read(ctx) // the last ring stays in force
}

// read takes the ring from its place. The caller holds mu.
func (k *SessionKeys) read(ctx context.Context) error {
	k.readAt = time.Now()
	b, err := k.storage.Load(ctx, k.place)
	if err != nil {
		return err
	}
	ring, err := session.ParseRing(b)
	if err != nil {
		return err
	}
	k.ring.Store(ring)
	return nil
}

// open reads the ring, and makes one where there is none.
func (k *SessionKeys) open(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	err := k.read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		err = k.change(ctx, func(found *session.Ring) (*session.Ring, error) {
			if found != nil {
				return found, nil // another latch was faster
			}
			return session.NewRing(time.Now())
		})
	}
	if err != nil {
		return fmt.Errorf("session keys, %s: %w", k.place, err)
	}
	close(k.opened)
	return nil
}

// rotate makes a new key that signs from now on. With dropOld the others go, and everybody is signed out.
func (k *SessionKeys) rotate(ctx context.Context, dropOld bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.change(ctx, func(found *session.Ring) (*session.Ring, error) {
		if found == nil {
			return session.NewRing(time.Now())
		}
		return found.Rotate(time.Now(), dropOld)
	})
}

// change replaces the ring that is there, nil for none, while no other latch does.
func (k *SessionKeys) change(ctx context.Context, next func(found *session.Ring) (*session.Ring, error)) (err error) {
	ctx, cancel := context.WithTimeout(ctx, ringLockLimit)
	defer cancel()
	if err := k.storage.Lock(ctx, k.place); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.storage.Unlock(context.WithoutCancel(ctx), k.place)) }()
	var found *session.Ring
	switch b, err := k.storage.Load(ctx, k.place); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if found, err = session.ParseRing(b); err != nil {
			return err
		}
	}
	ring, err := next(found)
	if err != nil {
		return err
	}
	if ring != found {
		b, err := ring.Marshal()
		if err != nil {
			return err
		}
		if err := k.storage.Store(ctx, k.place, b); err != nil {
			return err
		}
	}
	k.ring.Store(ring)
	return nil
}

// Interface guards
var _ session.Keys = (*SessionKeys)(nil)
