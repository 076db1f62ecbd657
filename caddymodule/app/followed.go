package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

const (
	openTimeout = 10 * time.Second // to open one store and read it once
	retryAfter  = time.Second      // to follow a store again that could not be followed
	sweepEvery  = time.Minute      // to drop entries that can match no valid token any more
)

// followed is an open store whose entries flow into the process's list until the last configuration that names it is
// gone.
type followed struct {
	resource string
	store    revocation.Store
	source   *revocation.Source
	stop     context.CancelFunc
	running  sync.WaitGroup
	loaded   chan struct{} // closed when the store was read once

	mu       sync.Mutex
	loadedAt time.Time
	err      error     // why the store cannot be followed now; nil: it is
	failedAt time.Time // since when it cannot
}

// open opens a store and starts to follow it.
func open(opener revocation.Opener) (*followed, error) {
	source, err := process.list.Source(opener.Resource())
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	store, err := opener.Open(bounded)
	if err != nil {
		return nil, err
	}
	// It outlives the configuration that opened it, so it has a context of its own.
	ctx, stop := context.WithCancel(context.Background())
	f := &followed{resource: opener.Resource(), store: store, source: source, stop: stop, loaded: make(chan struct{})}
	f.running.Go(func() { f.follow(ctx) })
	f.running.Go(func() { sweep(ctx) })
	return f, nil
}

// follow keeps the list up to date until ctx ends.
func (f *followed) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := f.store.Follow(ctx, f.nowLoaded, f.source.Add, f.source.Remove)
		if ctx.Err() != nil {
			return
		}
		f.failed(err)
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
}

func sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			process.list.Sweep(now)
		}
	}
}

func (f *followed) nowLoaded() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.loadedAt.IsZero() {
		close(f.loaded)
	}
	f.loadedAt, f.err = time.Now(), nil // and so not stale
}

func (f *followed) failed(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		// The process's logger: the one of the configuration that opened the store may be closed by now.
		caddy.Log().Named("botlatch").Warn("revocation store cannot be followed; the last list stays in force",
			zap.String("store", f.resource), zap.Error(err))
		f.failedAt = time.Now()
	}
	f.err = err
}

// waitLoaded returns when the store was read once, or with the error that keeps it from being read.
func (f *followed) waitLoaded() error {
	timer := time.NewTimer(openTimeout)
	defer timer.Stop()
	select {
	case <-f.loaded:
		return nil
	case <-timer.C:
		_, err := f.state()
		return errors.Join(errNotLoaded, err)
	}
}

func (f *followed) state() (loadedAt time.Time, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.loadedAt, f.err
}

// stale is how long the store that fares worst could not be followed.
func stale(now time.Time) (longest time.Duration) {
	pool.Range(func(_, value any) bool {
		f := value.(*followed)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.err != nil {
			longest = max(longest, now.Sub(f.failedAt))
		}
		return true
	})
	return longest
}

// Destruct closes the store when the last configuration that names it is gone. Its entries stay in the list.
func (f *followed) Destruct() error {
	f.stop()
	err := f.store.Close()
	f.running.Wait()
	return err
}

// Interface guards
var _ caddy.Destructor = (*followed)(nil)
