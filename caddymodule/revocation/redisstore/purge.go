package redisstore

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// purgeEvery is how often entries, consumed keys and records past their end are taken out of Redis, by whichever latch comes
// first. Followers are not told: the list in memory drops such entries by itself.
const purgeEvery = 10 * time.Minute

// expire takes out entries, consumed keys or records whose end is longer ago than the grace, by the server's clock: a
// machine without a battery does not know what time it is.
//
// KEYS entries, names, ends; ARGV grace in seconds, how many at most
var expire = redis.NewScript(`
local before = redis.call('TIME')[1] - ARGV[1]
local gone = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '(' .. before, 'LIMIT', 0, ARGV[2])
for _, name in ipairs(gone) do
	redis.call('HDEL', KEYS[1], name)
	redis.call('ZREM', KEYS[2], name)
	redis.call('ZREM', KEYS[3], name)
end
return #gone
`)

// purge runs until the store is closed.
func (s *store) purge() {
	ticker := time.NewTicker(purgeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
			s.purgeOnce()
		}
	}
}

// purgeOnce takes out what is past its end. An error has no consequence but memory: the next time will do.
func (s *store) purgeOnce() {
	grace := int(revocation.Grace / time.Second)
	s.purgeOf(grace, s.keys.entries, s.keys.names, s.keys.ends)
	s.purgeOf(grace, s.keys.used, s.keys.usedEnds, s.keys.usedEnds)
	for _, d := range revocation.Drawers() {
		s.purgeOf(0, s.keys.drawers[d].records, s.keys.drawers[d].ends, s.keys.drawers[d].ends)
	}
	s.purgeOf(0, s.keys.swaps, s.keys.swapsEnds, s.keys.swapsEnds)
}

func (s *store) purgeOf(grace int, names ...string) {
	for s.ctx.Err() == nil {
		n, err := expire.Run(s.ctx, s.client, names, grace, loadStep).Int()
		if err != nil || n < loadStep {
			return
		}
	}
}
