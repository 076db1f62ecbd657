package latchtest

import (
	"crypto/rand"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// keeperOf is a Keeper, with a key that no run before has used, and what the tests ask of both.
type keeperOf struct {
	revocation.Keeper

	key string
}

func (c *storeContract) keeper(t *testing.T) *keeperOf {
	t.Helper()
	keeper, ok := c.open(t).(revocation.Keeper)
	if !ok {
		t.Fatal("opened a Keeper before, now it is none")
	}
	return &keeperOf{keeper, rand.Text()}
}

// swaps asserts what Swap says.
func (k *keeperOf) swaps(t *testing.T, where string, drawer revocation.Drawer, old, value string, want bool) {
	t.Helper()
	k.swapsUntil(t, where, drawer, old, value, soonOver(), want)
}

func (k *keeperOf) swapsUntil(t *testing.T, where string, drawer revocation.Drawer, old, value string, end time.Time, want bool) {
	t.Helper()
	swapped, err := k.Swap(t.Context(), drawer, k.key, orNil(old), orNil(value), end)
	mustDo(t, where, err)
	if swapped != want {
		t.Errorf("%s: swapped = %t, want %t", where, swapped, want)
	}
}

// holds asserts what stands under the key, the empty text for nothing, whichever way it is asked for.
func (k *keeperOf) holds(t *testing.T, where string, drawer revocation.Drawer, want string) {
	t.Helper()
	one, err := k.Record(t.Context(), drawer, k.key)
	mustDo(t, where, err)
	if string(one) != want || (one == nil) != (want == "") {
		t.Errorf("%s: the record has %d bytes, nil: %t, or others than it should", where, len(one), one == nil)
	}
	all, err := k.Records(t.Context(), drawer)
	mustDo(t, where, err)
	if got, there := all[k.key]; string(got) != want || there != (want != "") || all == nil {
		t.Errorf("%s: among all, the record is there: %t, and has %d bytes, or others than it should", where, there, len(got))
	}
}

func orNil(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

func (c *storeContract) swapsOne(t *testing.T) {
	const in = revocation.Invitations
	k := c.keeper(t)
	k.holds(t, "at first", in, "")
	k.swaps(t, "old, where nothing is", in, "one", "two", false)
	k.swaps(t, "nothing out of nothing", in, "", "", true)
	k.swaps(t, "new", in, "", "one", true)
	k.holds(t, "new", in, "one")
	k.swaps(t, "new again", in, "", "one", false)
	k.swaps(t, "another old", in, "on", "two", false)
	k.swaps(t, "another old, longer", in, "one ", "two", false)
	k.swaps(t, "another old, taken out", in, "two", "", false)
	k.swaps(t, "nothing, where something is", in, "", "", false)
	k.holds(t, "after all these", in, "one")
	k.swaps(t, "changed", in, "one", "two", true)
	k.swaps(t, "changed, from what it was", in, "one", "three", false)
	k.swaps(t, "in place of itself", in, "two", "two", true)
	k.holds(t, "changed", in, "two")
	key := k.key
	c.close(t, k)

	k = c.keeper(t)
	k.key = key
	k.holds(t, "opened again", in, "two")
	k.swaps(t, "opened again, new", in, "", "one", false)
	k.swaps(t, "taken out", in, "two", "", true)
	k.swaps(t, "taken out again", in, "two", "", false)
	k.holds(t, "taken out", in, "")
	c.close(t, k)

	k = c.keeper(t)
	k.key = key
	k.holds(t, "taken out, opened again", in, "")
	k.swaps(t, "put in again", in, "", "four", true)
	k.swaps(t, "put in again, and out", in, "four", "", true)
	c.close(t, k)
}

// keepsApart asserts that drawers, entries, consumed keys and the caller's bytes have nothing to do with each other.
func (c *storeContract) keepsApart(t *testing.T) {
	k := c.keeper(t)
	defer c.close(t, k)
	f := followStore(t, k)
	before, e := listEntries(t, k, 100), sampleEntries("kept " + k.key)[0]
	invited := strings.Repeat("invited ", revocation.MaxRecord/8) // on pages of its own, where a store has pages
	k.swaps(t, "one drawer", revocation.Invitations, "", invited, true)
	k.holds(t, "the other drawer", revocation.Sessions, "")
	k.swaps(t, "the other drawer", revocation.Sessions, "", "signed in", true)
	if !maps.Equal(listEntries(t, k, 100), before) || !maps.Equal(f.seen(), before) {
		t.Error("a record is listed as an entry, or a follower was told of it")
	}
	mustDo(t, "adding", k.Add(t.Context(), e))
	mustDo(t, "removing", k.Remove(t.Context(), e))

	longer := strings.Clone(k.key)
	for _, k.key = range []string{longer + "x", longer[1:], strings.ToLower(longer)} {
		k.holds(t, "a key that is nearly the same", revocation.Invitations, "")
	}
	k.key = longer
	record, err := k.Record(t.Context(), revocation.Invitations, k.key)
	mustDo(t, "reading", err)
	clear(record)
	value := []byte("mine")
	swapped, err := k.Swap(t.Context(), revocation.Invitations, k.key, []byte(invited), value, soonOver())
	if err != nil || !swapped {
		t.Errorf("after the caller wrote to what it got: swapped = %t, %v", swapped, err)
	}
	clear(value)
	k.holds(t, "after the caller wrote to what it gave", revocation.Invitations, "mine")
	k.swaps(t, "out of one drawer", revocation.Invitations, "mine", "", true)
	k.holds(t, "the other drawer still", revocation.Sessions, "signed in")
	k.swaps(t, "out of the other", revocation.Sessions, "signed in", "", true)
}
