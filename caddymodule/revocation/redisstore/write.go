package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// change is one write, atomic: for each name what is expected to be there and what shall be. When something else is
// there it changes nothing and returns an empty ID, else the place in the stream up to which a follower must have come.
//
// KEYS entries, names, ends, changes; ARGV history, then for each name: name, expected record ("" none, "*" whatever),
// new record ("" none), end in seconds ("" none), what the stream says of it
var change = redis.NewScript(`
for i = 2, #ARGV, 5 do
	local expected = ARGV[i+1]
	if expected ~= '*' and (redis.call('HGET', KEYS[1], ARGV[i]) or '') ~= expected then
		return ''
	end
end
for i = 2, #ARGV, 5 do
	local name, expected, record, ends = ARGV[i], ARGV[i+1], ARGV[i+2], ARGV[i+3]
	if record == '' then
		redis.call('HDEL', KEYS[1], name)
		redis.call('ZREM', KEYS[2], name)
		redis.call('ZREM', KEYS[3], name)
		redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[1], '*', 'remove', ARGV[i+4])
	elseif record ~= expected then
		redis.call('HSET', KEYS[1], name, record)
		redis.call('ZADD', KEYS[2], 0, name)
		if ends == '' then
			redis.call('ZREM', KEYS[3], name)
		else
			redis.call('ZADD', KEYS[3], ends, name)
		end
		redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[1], '*', 'add', record)
	end
end
local last = redis.call('XREVRANGE', KEYS[4], '+', '-', 'COUNT', 1)
return last[1] and last[1][1] or '0-0'
`)

// tries is how often a write begins anew because somebody else changed one of its names meanwhile.
const tries = 50

const (
	history        = 100_000 // changes that the stream keeps for latches that were away, about
	replicaTimeout = time.Second
)

var errBusy = errors.New("other latches change the same entries all the time: try again")

// Add implements revocation.Writer.
func (s *store) Add(ctx context.Context, entries ...revocation.Entry) error {
	for _, e := range entries {
		if err := e.Validate(); err != nil {
			return fmt.Errorf("adding to revocation store: %w", err)
		}
	}
	return s.write(ctx, func(ctx context.Context) ([]any, error) { return s.merged(ctx, entries) }, func(f *follower) {
		f.add(entries...)
	})
}

// Remove implements revocation.Writer.
func (s *store) Remove(ctx context.Context, entries ...revocation.Entry) error {
	return s.write(ctx, func(context.Context) ([]any, error) {
		var args []any
		for _, e := range entries {
			record, err := encode(e)
			if err != nil {
				return nil, err
			}
			args = append(args, field(e), "*", "", "", record)
		}
		return args, nil
	}, func(f *follower) { f.remove(entries...) })
}

// merged are the arguments of change for entries beside what is there now, each name once.
func (s *store) merged(ctx context.Context, entries []revocation.Entry) ([]any, error) {
	order, wanted := []string{}, map[string]revocation.Entry{}
	for _, e := range entries {
		name, e := field(e), e.Canonical()
		if before, twice := wanted[name]; twice {
			e = before.Merge(e)
		} else {
			order = append(order, name)
		}
		wanted[name] = e
	}
	if len(order) == 0 {
		return nil, nil
	}
	records, err := s.client.HMGet(ctx, s.keys.entries, order...).Result()
	if err != nil {
		return nil, err
	}
	args := make([]any, 0, 5*len(order))
	for i, name := range order {
		expected, _ := records[i].(string)
		e := wanted[name]
		if expected != "" {
			there, err := decode(expected)
			if err != nil {
				return nil, err
			}
			e = there.Merge(e)
		}
		record, err := encode(e)
		if err != nil {
			return nil, err
		}
		ends := ""
		if !e.ExpiresAt.IsZero() {
			ends = strconv.FormatInt(e.ExpiresAt.Unix(), 10)
		}
		args = append(args, name, expected, record, ends, "")
	}
	return args, nil
}

// write makes a change until nobody else was faster, waits for the replicas, and then until every follower here was told.
func (s *store) write(ctx context.Context, make func(context.Context) ([]any, error), tell func(*follower)) error {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	id, err := s.change(ctx, make)
	if err != nil {
		return fmt.Errorf("writing revocation store: %w", err)
	}
	for _, f := range s.loaded() {
		f.reach(ctx, id, tell)
	}
	return nil
}

func (s *store) change(ctx context.Context, make func(context.Context) ([]any, error)) (streamID, error) {
	for range tries {
		args, err := make(ctx)
		if err != nil {
			return streamID{}, err
		}
		names := []string{s.keys.entries, s.keys.names, s.keys.ends, s.keys.changes}
		answer, err := s.run(ctx, change, names, append([]any{history}, args...))
		if err != nil {
			return streamID{}, err
		}
		id, err := answer.Text()
		if err != nil {
			return streamID{}, err
		}
		if id != "" {
			return parseStreamID(id)
		}
	}
	return streamID{}, errBusy
}

// run runs a script, and waits until as many replicas as asked for have what it wrote. The wait goes with it on one
// connection, whose writes alone it waits for.
func (s *store) run(ctx context.Context, script *redis.Script, names []string, args []any) (*redis.Cmd, error) {
	if s.replicas == 0 {
		answer := script.Run(ctx, s.client, names, args...)
		return answer, answer.Err()
	}
	pipe := s.client.Pipeline()
	answer := script.Eval(ctx, pipe, names, args...)
	waited := pipe.Do(ctx, "WAIT", s.replicas, replicaTimeout.Milliseconds())
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	if n, err := waited.Int(); err != nil || n < s.replicas {
		return nil, errors.Join(fmt.Errorf("written, but %d of %d replicas have it", n, s.replicas), err)
	}
	return answer, nil
}
