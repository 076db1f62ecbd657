package redisstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// next waits for changes, as long as the server waits, and passes them on.
func (s *store) next(ctx context.Context, f *follower) error {
	bounded, cancel := context.WithTimeout(ctx, block+grace)
	defer cancel()
	streams, err := s.client.XRead(bounded, &redis.XReadArgs{
		Streams: []string{s.keys.changes, f.last.String()}, Count: loadStep, Block: block,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return s.unchanged(ctx, f)
	}
	if err != nil {
		return err
	}
	for _, message := range streams[0].Messages {
		id, err := parseStreamID(message.ID)
		if err != nil {
			return err
		}
		if err := f.hear(message.Values); err != nil {
			return err
		}
		f.moved(id)
	}
	return nil
}

// unchanged looks whether silence means that nothing happened: after FLUSHALL there is no stream to say anything.
func (s *store) unchanged(ctx context.Context, f *follower) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	epoch, err := s.client.Get(ctx, s.keys.epoch).Result()
	if err == nil && epoch == f.epoch {
		return nil
	}
	if err == nil || errors.Is(err, redis.Nil) {
		err = errors.New("another list stands there now")
	}
	return err
}

// hear passes one message of the stream on.
func (f *follower) hear(values map[string]any) error {
	for word, call := range map[string]func(...revocation.Entry){"add": f.add, "remove": f.remove} {
		record, ok := values[word].(string)
		if !ok {
			continue
		}
		e, err := decode(record)
		if err != nil {
			return fmt.Errorf("in the stream of changes: %w", err)
		}
		f.tell(call, []revocation.Entry{e})
		return nil
	}
	if _, ok := values["begin"]; ok {
		return nil
	}
	return errors.New("the stream of changes says something that this version does not know")
}

func (f *follower) tell(call func(...revocation.Entry), entries []revocation.Entry) {
	f.apply.Lock()
	defer f.apply.Unlock()
	if len(entries) > 0 {
		call(entries...)
	}
}
