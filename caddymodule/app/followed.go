package app

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

const (
	openTimeout = 10 * time.Second // to open one store
	loadTimeout = 2 * time.Minute  // to read it once: ten million entries take a while
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

	loadedAt atomic.Pointer[time.Time] // nil: it was not read yet
	trouble  atomic.Pointer[trouble]   // nil: none
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
	if r, ok := store.(revocation.Reporter); ok {
		f.running.Go(func() { f.watch(ctx, r) })
	}
	return f, nil
}

// follow keeps the list up to date until ctx ends.
func (f *followed) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := f.store.Follow(ctx, f.nowLoaded, f.add, f.source.Remove)
		if ctx.Err() != nil {
			return
		}
		f.failed(trouble{time.Now(), err})
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
}

// add also looks at what is open: a revocation ends it at once.
func (f *followed) add(entries ...revocation.Entry) {
	f.source.Add(entries...)
	wakeSweeper()
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
	f.knows()
	now := time.Now()
	if f.loadedAt.Swap(&now) == nil {
		close(f.loaded) // last: who waits for it looks at all this
	}
}

// waitLoaded returns when the store was read once, or with the error that keeps it from being read.
func (f *followed) waitLoaded() error {
	timer := time.NewTimer(loadTimeout)
	defer timer.Stop()
	select {
	case <-f.loaded:
		return nil
	case <-timer.C:
		_, err := f.state()
		return errors.Join(errNotLoaded, err)
	}
}

// state is when the store was last read as a whole, and why it cannot be followed now.
func (f *followed) state() (loadedAt time.Time, err error) {
	if at := f.loadedAt.Load(); at != nil {
		loadedAt = *at
	}
	if t := f.trouble.Load(); t != nil {
		err = t.why
	}
	return loadedAt, err
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
