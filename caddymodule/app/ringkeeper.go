package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"
)

// ringEvery is how late another latch's rotation may be noticed.
const ringEvery = 30 * time.Second

// ringKeeper looks again and again whether another latch has rotated the keys.
type ringKeeper struct {
	stop    context.CancelFunc
	running sync.WaitGroup
}

// openSessionKeys reads all rings, and follows them.
func (a *App) openSessionKeys() error {
	for _, k := range a.sessionKeys {
		if err := k.open(a.ctx); err != nil {
			return err
		}
	}
	if len(a.sessionKeys) == 0 {
		return nil
	}
	ctx, stop := context.WithCancel(context.Background())
	a.rings = &ringKeeper{stop: stop}
	a.rings.running.Go(func() {
		ticker := time.NewTicker(ringEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				a.followRings(ctx)
			}
		}
	})
	return nil
}

// followRings reads them once. One that cannot be read stays as it is.
func (a *App) followRings(ctx context.Context) {
	for _, k := range a.sessionKeys {
		ctx, cancel := context.WithTimeout(ctx, ringTimeout)
		k.mu.Lock()
		err := k.read(ctx)
		k.mu.Unlock()
		cancel()
		if err != nil {
			a.logger.Warn("session keys cannot be read; the last ones stay in force", zap.String("place", k.place), zap.Error(err))
		}
	}
}

func (r *ringKeeper) end() {
	if r == nil {
		return
	}
	r.stop()
	r.running.Wait()
}

// RotateSessionKeys makes new keys for sessions, in all places. With now the old ones go, and everybody is signed out. by says who asked.
func (a *App) RotateSessionKeys(ctx context.Context, now bool, by string) error {
	if len(a.sessionKeys) == 0 {
		return ErrNoSignIn
	}
	var errs []error
	for _, k := range a.sessionKeys {
		errs = append(errs, k.rotate(ctx, now))
	}
	err := errors.Join(errs...)
	a.audit(rotating, by, err, zap.Bool("now", now))
	if now {
		wakeSweeper()
		if err == nil {
			err = a.forgetSessions(ctx)
		}
	}
	return err
}

// ErrNoSignIn is the answer where nobody can sign in.
var ErrNoSignIn = errors.New("no site of this configuration has sign_in")
