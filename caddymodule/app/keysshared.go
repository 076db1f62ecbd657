package app

import (
	"context"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/internal/poolref"
	"github.com/botlatch/botlatch/caddymodule/keysource"
	"github.com/botlatch/botlatch/caddymodule/remote"
)

// followedKeys are keys that change, while somebody runs them.
type followedKeys interface {
	accesstoken.KeySource
	Run(ctx context.Context)
	State() remote.State
}

// sharedKeys are keys that are fetched for as long as any configuration names them, so that a reload interrupts no fetch and forgets
// no key. They are the same for all issuers that are described alike.
type sharedKeys struct {
	followedKeys

	begun   sync.Once
	ctx     context.Context //nolint:containedctx // the life of what begin starts
	stop    context.CancelFunc
	running sync.WaitGroup
}

// keysPool holds keys that are fetched by resource: two configurations that name them share them across a reload.
var keysPool = caddy.NewUsagePool()

// shareKeys takes what describes the same resource, or makes it. The app gives it back in Cleanup.
func (a *App) shareKeys(resource string, describe func() (followedKeys, error)) (*sharedKeys, error) {
	ref := new(poolref.Ref[*sharedKeys])
	s, err := ref.Acquire(keysPool, resource, func() (*sharedKeys, error) {
		keys, err := describe()
		if err != nil {
			return nil, err
		}
		s := &sharedKeys{followedKeys: keys}
		s.ctx, s.stop = context.WithCancel(context.Background())
		return s, nil
	})
	if err != nil {
		return nil, err
	}
	a.keys = append(a.keys, ref)
	return s, nil
}

// begin lets the keys be fetched from now on. Once is enough.
func (s *sharedKeys) begin() {
	s.begun.Do(func() { s.running.Go(func() { s.Run(s.ctx) }) })
}

// Destruct ends the fetches when the last configuration that names the keys is gone.
func (s *sharedKeys) Destruct() error {
	s.stop()
	s.running.Wait()
	return nil
}

// servingLogger is the logger of the configuration that serves now, which what lives longer than the one that began it uses. While
// none serves, it is own.
func servingLogger(own *zap.Logger) *zap.Logger {
	if running := Running(); running != nil {
		return running.logger
	}
	return own
}

// servingStorage is its storage.
func servingStorage(own certmagic.Storage) certmagic.Storage {
	if running := Running(); running != nil {
		return running.ctx.Storage()
	}
	return own
}

// Interface guards
var (
	_ followedKeys     = (*keysource.JWKS)(nil)
	_ followedKeys     = (*keysource.Discovery)(nil)
	_ caddy.Destructor = (*sharedKeys)(nil)
)
