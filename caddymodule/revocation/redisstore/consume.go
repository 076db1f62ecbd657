package redisstore

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// consume notes a key unless it is there, atomic, and answers 1 to whoever noted it. Sent a second time, because the answer
// was lost, it finds the name of its own sender there, and writes it again, so that a wait for replicas waits for it.
//
// The keys have no TTL of their own, but are purged as entries are: a server whose maxmemory-policy is volatile-*, as that
// of most hosted ones is, throws away first what has a TTL, and a door would open twice. The end is counted from the
// server's clock, because that is what it is held against: its clock may differ from ours as it likes.
//
// KEYS used, used_ends; ARGV key, sender, seconds until its token expires
var consume = redis.NewScript(`
local there = redis.call('HGET', KEYS[1], ARGV[1])
if there and there ~= ARGV[2] then
	return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], redis.call('TIME')[1] + ARGV[3], ARGV[1])
return 1
`)

// Consume implements revocation.Consumer. Without the replicas that are asked for it is an error, and the key consumed.
func (s *store) Consume(ctx context.Context, key revocation.Key, expires time.Time) (first bool, err error) {
	if expires.IsZero() {
		return false, errors.New("consuming a key: the token has no end")
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return false, err
	}
	defer end()
	// In seconds: a time.Duration ends after 292 years.
	left := expires.Unix() - time.Now().Unix()
	answer, err := s.run(ctx, consume, []string{s.keys.used, s.keys.usedEnds},
		[]any{base64.RawURLEncoding.EncodeToString(key[:]), rand.Text(), left})
	if err != nil {
		return false, fmt.Errorf("writing revocation store: %w", err)
	}
	n, err := answer.Int()
	if err != nil {
		return false, fmt.Errorf("writing revocation store: %w", err)
	}
	return n == 1, nil
}
