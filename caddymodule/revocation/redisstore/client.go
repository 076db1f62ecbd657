package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"go.uber.org/zap"
)

// Times of the connection. A server that answers nothing at all is noticed within block + grace.
const (
	dialTimeout = 2 * time.Second
	ioTimeout   = 5 * time.Second        // for an answer to a write, or to a step of a load
	block       = 300 * time.Millisecond // how long the server waits for a change before it says that there is none
	grace       = 300 * time.Millisecond // how much longer its answer may take
)

func init() { redis.SetLogger(debug{}) }

// debug takes what the client library says by itself: each failed connection, which its caller is told anyway. It is one
// for the whole process, so what other plugins' clients say comes here too.
type debug struct{}

// Printf implements the interface that the library asks for.
func (debug) Printf(_ context.Context, format string, args ...any) {
	caddy.Log().Named("redis").Debug(fmt.Sprintf(format, args...))
}

// universal is read with our bounds.
func universal(read *redis.Options) *redis.UniversalOptions {
	return &redis.UniversalOptions{
		DB: read.DB, Username: read.Username, Password: read.Password, TLSConfig: read.TLSConfig,
		Protocol: 2, DisableIdentity: true, ClientName: "botlatch",
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		DialTimeout:              dialTimeout, DialerRetries: 1, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout,
		ContextTimeoutEnabled: true,
		// A write may be sent again: it says what it expects to find, and finds what it wrote itself.
		MaxRetries: 1,
	}
}

// open connects and looks whether the list can be kept there.
func open(ctx context.Context, options *redis.UniversalOptions, prefix string, replicas int) (*store, error) {
	s := connect(options, prefix, replicas)
	if err := s.prepare(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// connect makes a store that has said nothing to a server yet.
func connect(options *redis.UniversalOptions, prefix string, replicas int) *store {
	return newStore(redis.NewUniversalClient(options), newKeys(prefix), replicas)
}

// prepare makes the epoch, unless there is one, and refuses a server that throws keys away.
func (s *store) prepare(ctx context.Context) error {
	if _, err := s.epoch(ctx); err != nil {
		return err
	}
	// Who may not ask gets no answer, and no warning.
	config := func(name string) string {
		values, err := s.client.ConfigGet(ctx, name).Result()
		if err != nil {
			return ""
		}
		return values[name]
	}
	logger := caddy.Log().Named("botlatch")
	switch policy := config("maxmemory-policy"); policy {
	case "allkeys-lru", "allkeys-lfu", "allkeys-random", "allkeys-lrm":
		if config("maxmemory") != "0" {
			return fmt.Errorf("the server throws keys away when its memory is full (maxmemory-policy %s): "+
				"set noeviction, or revocations will be forgotten", policy)
		}
	}
	if config("appendonly") == "no" {
		logger.Warn("Redis keeps its data in memory (appendonly no): revocations, and which tokens were used, are forgotten when it restarts")
	} else if config("appendfsync") == "everysec" {
		logger.Warn("Redis writes to its disk once a second (appendfsync everysec): "+
			"after a power failure the last second of revocations and of used tokens is missing", zap.String("remedy", "appendfsync always"))
	}
	return nil
}

// epoch is what names this list. It is made if there is none.
func (s *store) epoch(ctx context.Context) (string, error) {
	if err := s.client.SetNX(ctx, s.keys.epoch, format+" "+newEpoch(), 0).Err(); err != nil {
		return "", err
	}
	epoch, err := s.client.Get(ctx, s.keys.epoch).Result()
	if err != nil {
		return "", err
	}
	if len(epoch) < len(format)+1 || epoch[:len(format)+1] != format+" " {
		return "", errors.New("the keys are of another format than this version knows: they may be of a newer version")
	}
	return epoch, nil
}
