package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// drawerKeys are the names of one drawer in Redis.
type drawerKeys struct{ records, ends string }

// Record implements revocation.Keeper.
func (s *store) Record(ctx context.Context, drawer revocation.Drawer, key string) ([]byte, error) {
	if err := revocation.ValidateRecordKey(drawer, key); err != nil {
		return nil, fmt.Errorf("reading revocation store: %w", err)
	}
	ctx, end, err := s.beginNow(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	value, err := s.record(ctx, drawer, key)
	if err != nil {
		return nil, fmt.Errorf("reading revocation store: %w", err)
	}
	return value, nil
}

func (s *store) record(ctx context.Context, drawer revocation.Drawer, key string) ([]byte, error) {
	answer, err := look.Run(ctx, s.client, []string{s.keys.drawers[drawer].records}, key).Slice()
	if err != nil {
		return nil, err
	}
	if len(answer) != 2 {
		return nil, errKept
	}
	now, err := parseNow(answer[0])
	if err != nil || answer[1] == nil {
		return nil, err
	}
	return decodeKept(answer[1], now)
}

// Records implements revocation.Keeper.
func (s *store) Records(ctx context.Context, drawer revocation.Drawer) (map[string][]byte, error) {
	if err := drawer.Validate(); err != nil {
		return nil, fmt.Errorf("reading revocation store: %w", err)
	}
	ctx, end, err := s.beginNow(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	all := make(map[string][]byte)
	for cursor := "0"; ; {
		if cursor, err = s.scan(ctx, drawer, cursor, all); err != nil {
			return nil, fmt.Errorf("reading revocation store: %w", err)
		}
		if cursor == "0" {
			return all, nil
		}
	}
}

// scan reads a step of a drawer. What is there all the time is in one of the steps, or in several.
func (s *store) scan(ctx context.Context, drawer revocation.Drawer, cursor string, all map[string][]byte) (next string, err error) {
	answer, err := scan.Run(ctx, s.client, []string{s.keys.drawers[drawer].records}, cursor, loadStep).Slice()
	if err != nil {
		return "", err
	}
	if len(answer) != 3 {
		return "", errKept
	}
	now, err := parseNow(answer[0])
	if err != nil {
		return "", err
	}
	next, isText := answer[1].(string)
	pairs, isList := answer[2].([]any)
	if !isText || !isList || len(pairs)%2 != 0 {
		return "", errKept
	}
	for i := 0; i < len(pairs); i += 2 {
		key, isText := pairs[i].(string)
		if !isText || revocation.ValidateRecordKey(drawer, key) != nil {
			return "", errKept
		}
		value, err := decodeKept(pairs[i+1], now)
		if err != nil {
			return "", err
		}
		if value != nil {
			all[key] = value
		} else {
			delete(all, key) // an earlier step had it
		}
	}
	return next, nil
}

// Swap implements revocation.Keeper. Without the replicas that are asked for it is an error, and done.
func (s *store) Swap(ctx context.Context, drawer revocation.Drawer, key string, old, value []byte, expires time.Time) (swapped bool, err error) {
	if err := revocation.ValidateSwap(drawer, key, old, value, expires); err != nil {
		return false, fmt.Errorf("swapping in revocation store: %w", err)
	}
	ctx, end, err := s.beginNow(ctx)
	if err != nil {
		return false, err
	}
	defer end()
	var left int64
	if value != nil {
		left = expires.UnixMilli() - time.Now().UnixMilli() // a time.Duration ends after 292 years
	}
	code, err := s.swap(ctx, drawer, key, rand.Text(), old, value, left)
	switch {
	case err != nil:
		return false, fmt.Errorf("writing revocation store: %w", err)
	case code == swapFull:
		return false, fmt.Errorf("writing revocation store: %s: %w", drawer, revocation.ErrDrawerFull)
	}
	return code == swapDone, nil
}

// swap runs the script of that name.
func (s *store) swap(
	ctx context.Context, drawer revocation.Drawer, key, sender string, old, value []byte, left int64,
) (code int, err error) {
	k := s.keys.drawers[drawer]
	answer, err := s.run(ctx, swap, []string{k.records, k.ends, s.keys.swaps, s.keys.swapsEnds},
		[]any{key, sender, old, value, left, revocation.MaxRecords, int64(remember / time.Second)})
	if err != nil {
		return 0, err
	}
	if code, err = answer.Int(); err == nil && code == swapDamaged {
		err = errKept
	}
	return code, err
}

// beginNow is begin, for who must not be answered after ctx ended.
func (s *store) beginNow(ctx context.Context) (bound context.Context, end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	return s.begin(ctx)
}

var errKept = errors.New("damaged, or of a newer version: a record is not what was written")
