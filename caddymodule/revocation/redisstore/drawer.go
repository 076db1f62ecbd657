package redisstore

import (
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// A record in Redis is the millisecond of the server's clock at which it ends, in decimal, a blank, and what was put in. The
// end is counted from the server's clock, and the record has no TTL, for the reasons that consumed keys have, see consume.
// The scripts need no command that entries and consumed keys do not: whoever gave a latch the rights that README names has
// given it these.

// remember is how long a swap is remembered by its sender: longer than a client sends it again.
const remember = 10 * time.Minute

// What swap answers.
const (
	swapDone    = 1
	swapFull    = -1 // the drawer
	swapDamaged = -2 // what stands there
)

// serverNow is the server's clock in milliseconds. Numbers of this size are written by format: Lua itself rounds them.
const serverNow = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
`

// swap puts a value in place of another, atomic, and answers 1, or 0 when something else stands there. Sent a second time,
// because the answer was lost, it finds that its sender did it, whatever others made of it since, and notes it again, so
// that a wait for replicas waits for it. Past their ends are taken out some records, whenever there comes one more.
//
// KEYS records, ends, swaps, swaps_ends; ARGV key, sender, old value ("" nothing), new value ("" nothing), milliseconds until
// its end, how many records at most, for how many seconds the sender is remembered
var swap = redis.NewScript(serverNow + `
local function drop(hash, ends)
	for _, name in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', string.format('%.3f', now / 1000), 'LIMIT', 0, 1000)) do
		redis.call('HDEL', hash, name)
		redis.call('ZREM', ends, name)
	end
end
local function done()
	redis.call('HSET', KEYS[3], ARGV[2], '')
	redis.call('ZADD', KEYS[4], t[1] + ARGV[7], ARGV[2])
	return 1
end
if redis.call('HGET', KEYS[3], ARGV[2]) then
	return done()
end
local there, value = redis.call('HGET', KEYS[1], ARGV[1]), ''
if there then
	local ends = string.match(there, '^(%d+) .')
	if not ends then
		return -2
	end
	if tonumber(ends) > now then
		value = string.sub(there, #ends + 2)
	end
end
if value ~= ARGV[3] then
	return 0
end
if ARGV[4] == '' then
	redis.call('HDEL', KEYS[1], ARGV[1])
	redis.call('ZREM', KEYS[2], ARGV[1])
else
	if not there then
		drop(KEYS[1], KEYS[2])
		if #redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '+inf', 'LIMIT', ARGV[6] - 1, 1) > 0 then
			return -1
		end
	end
	local ends = math.max(now + ARGV[5], 0)
	redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f ', ends) .. ARGV[4])
	redis.call('ZADD', KEYS[2], string.format('%.3f', ends / 1000), ARGV[1])
end
drop(KEYS[3], KEYS[4])
return done()
`)

// look reads a record.
//
// KEYS records; ARGV key
var look = redis.NewScript(serverNow + `
return {string.format('%.0f', now), redis.call('HGET', KEYS[1], ARGV[1])}
`)

// scan reads some records, of the node that keeps them in a cluster: a command without a key, such as TIME, would ask
// another one there.
//
// KEYS records; ARGV cursor, how many, about
var scan = redis.NewScript(serverNow + `
local step = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
return {string.format('%.0f', now), step[1], step[2]}
`)

func parseNow(answer any) (int64, error) {
	text, isText := answer.(string)
	now, err := strconv.ParseInt(text, 10, 64)
	if !isText || err != nil {
		return 0, errKept
	}
	return now, nil
}

// decodeKept is what was put in; nil: it is past its end.
func decodeKept(answer any, now int64) ([]byte, error) {
	record, _ := answer.(string)
	before, value, found := strings.Cut(record, " ")
	end, err := strconv.ParseUint(before, 10, 63)
	if !found || err != nil || value == "" {
		return nil, errKept
	}
	if int64(end) <= now {
		return nil, nil
	}
	return []byte(value), nil
}
