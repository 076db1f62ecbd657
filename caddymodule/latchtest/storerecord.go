package latchtest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func (c *storeContract) endsRecords(t *testing.T) {
	const in = revocation.Sessions
	k := c.keeper(t)
	defer c.close(t, k)
	for name, end := range map[string]time.Time{
		"in a minute": time.Now().Add(time.Minute), "in 2200": time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC),
		"in 9999": time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
	} {
		k.swapsUntil(t, name, in, "", name, end, true)
		k.holds(t, name, in, name)
		k.swaps(t, name+", out", in, name, "", true)
	}
	for name, end := range map[string]time.Time{
		"just over": time.Now().Add(-2 * time.Millisecond), "over for years": time.Now().AddDate(-20, 0, 0), "in 1970": time.Unix(1, 0),
	} {
		k.swapsUntil(t, name, in, "", name, end, true)
		k.holds(t, name, in, "")
		k.swaps(t, name+", swapped", in, name, "other", false)
	}

	k.swapsUntil(t, "soon over", in, "", "short", time.Now().Add(time.Second), true)
	k.swapsUntil(t, "moved", in, "short", "short", time.Now().Add(time.Minute), true)
	time.Sleep(1100 * time.Millisecond)
	k.holds(t, "past the end that it had first", in, "short")
	k.swapsUntil(t, "soon over again", in, "short", "shorter", time.Now().Add(50*time.Millisecond), true)
	time.Sleep(100 * time.Millisecond)
	k.holds(t, "over", in, "")
	k.swaps(t, "over, changed", in, "shorter", "longer", false)
	k.swaps(t, "over, taken out", in, "shorter", "", false)
	k.swaps(t, "over, nothing", in, "", "", true)
	k.swaps(t, "over, new", in, "", "next", true)
	k.holds(t, "over, new", in, "next")
	k.swaps(t, "out", in, "next", "", true)
}

func (c *storeContract) boundsRecords(t *testing.T) {
	const in = revocation.Sessions
	k := c.keeper(t)
	defer c.close(t, k)
	value := make([]byte, revocation.MaxRecord)
	for i := range value {
		value[i] = byte(i)
	}
	usual, most := k.key, (k.key + strings.Repeat("Zz09-_", revocation.MaxRecordKey))[:revocation.MaxRecordKey]
	values := []string{string(value), " ", "\x00", "12 34", "\n", string(slices.Repeat([]byte{0xff}, revocation.MaxRecord))}
	for _, k.key = range []string{usual, most} {
		for _, v := range values {
			k.swaps(t, "within bounds", in, "", v, true)
			k.holds(t, "within bounds", in, v)
			k.swaps(t, "within bounds, out", in, v, "", true)
		}
	}
	k.key = usual
	for name, s := range map[string]struct {
		drawer     revocation.Drawer
		key        string
		old, value []byte
		end        time.Time
	}{
		"deny/no drawer":       {0, k.key, nil, []byte("v"), soonOver()},
		"deny/unknown drawer":  {revocation.NumDrawers, k.key, nil, []byte("v"), soonOver()},
		"deny/no key":          {in, "", nil, []byte("v"), soonOver()},
		"deny/long key":        {in, most + "k", nil, []byte("v"), soonOver()},
		"deny/foreign key":     {in, k.key + ":", nil, []byte("v"), soonOver()},
		"deny/empty value":     {in, k.key, nil, []byte{}, soonOver()},
		"deny/empty old value": {in, k.key, []byte{}, []byte("v"), soonOver()},
		"deny/long value":      {in, k.key, nil, append(bytes.Clone(value), 'v'), soonOver()},
		"deny/no end":          {in, k.key, nil, []byte("v"), time.Time{}},
	} {
		if swapped, err := k.Swap(t.Context(), s.drawer, s.key, s.old, s.value, s.end); swapped || err == nil {
			t.Errorf("%s: swapped = %t, %v", name, swapped, err)
		}
		if s.drawer == in && s.key == k.key {
			k.holds(t, name, in, "")
		} else if record, err := k.Record(t.Context(), s.drawer, s.key); record != nil || err == nil {
			t.Errorf("%s: Record: no error", name)
		}
	}
	if _, err := k.Records(t.Context(), 0); err == nil {
		t.Error("Records of no drawer: no error")
	}
}

func (c *storeContract) keepsNothingInVain(t *testing.T) {
	const in = revocation.Sessions
	k := c.keeper(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	asks := func(ctx context.Context) (said bool, errs [3]error) {
		swapped, err := k.Swap(ctx, in, k.key, nil, []byte("v"), soonOver())
		record, err1 := k.Record(ctx, in, k.key)
		all, err2 := k.Records(ctx, in)
		return swapped || record != nil || all != nil, [3]error{err, err1, err2}
	}
	said, errs := asks(ctx)
	for i, err := range errs {
		if said || !errors.Is(err, context.Canceled) {
			t.Errorf("with an ended context, call %d: something was said: %t, %v", i, said, err)
		}
	}
	k.holds(t, "asked for by who was gone", in, "")
	c.close(t, k)
	said, errs = asks(t.Context())
	for i, err := range errs {
		if said || err == nil {
			t.Errorf("after Close, call %d: something was said: %t, %v", i, said, err)
		}
	}
}
