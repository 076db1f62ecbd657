package jose

import (
	"errors"
	"fmt"
	"slices"
)

// KeySet is a set of keys, never changed once made: a refresh makes another. A nil set has no keys.
type KeySet struct{ keys []*Key }

// Find returns the one key that may verify h, or none.
//
// With a kid it is the key that bears it, even one that the algorithm does not fit: Verify then says so, and none means
// that the kid is unknown. Without a kid it is the only key that fits the algorithm; when several do, none, because
// trying them in turn would let a token choose its key. A secret that bears no kid does not look at the header's:
// signers put names there that nobody gave the latch.
func (s *KeySet) Find(h Header) []*Key {
	if s == nil {
		return nil
	}
	named := h.HasKeyID || h.KeyID != ""
	var found []*Key
	for _, k := range s.keys {
		if named && k.ID != "" {
			if k.ID == h.KeyID {
				return []*Key{k}
			}
			continue
		}
		if k.Fits(h.Algorithm) && (!named || k.Symmetric()) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found
}

// Has reports whether key is still in the set: a cached token is good only as long. It compares kid, thumbprint,
// algorithms and secret, not pointers: reading the same document again keeps every token good.
func (s *KeySet) Has(key *Key) bool {
	return s != nil && key != nil && slices.ContainsFunc(s.keys, key.same)
}

// Keys returns the keys, in the order in which they were read.
func (s *KeySet) Keys() []*Key {
	if s == nil {
		return nil
	}
	return slices.Clone(s.keys)
}

// Len is the number of keys.
func (s *KeySet) Len() int {
	if s == nil {
		return 0
	}
	return len(s.keys)
}

// Merge makes one set of several, as when an issuer's keys stand in several files. The same kid twice, or the same key
// without a kid, is an error: no token could say which it means. So is a set without keys.
func Merge(sets ...*KeySet) (*KeySet, error) {
	var keys []*Key
	for _, s := range sets {
		keys = append(keys, s.Keys()...)
	}
	return newKeySet(keys)
}

// newKeySet takes keys of which no two can be meant by the same token.
func newKeySet(keys []*Key) (*KeySet, error) {
	if len(keys) == 0 {
		return nil, errors.New("no usable key")
	}
	for i, k := range keys {
		for _, other := range keys[:i] {
			if k.rivals(other) {
				return nil, fmt.Errorf("two keys %s cannot be told apart", k.label())
			}
		}
	}
	return &KeySet{keys: keys}, nil
}

// rivals reports whether both keys would be looked up by the same name: the same kid, or none and the same key.
func (k *Key) rivals(other *Key) bool {
	return k.ID == other.ID && (k.ID != "" || k.same(other))
}

// label names a key in an error: its kid, quoted and cut.
func (k *Key) label() string {
	if k.ID == "" {
		return "without a kid"
	}
	return fmt.Sprintf("with kid %.64q", k.ID)
}

// unambiguous drops every key whose kid another key has too. A key that is listed twice is no riddle and stays once.
func unambiguous(keys []*Key) (kept []*Key, skipped []error) {
	for i, k := range keys {
		if slices.ContainsFunc(keys, func(o *Key) bool { return k.rivals(o) && !k.same(o) }) {
			skipped = append(skipped, fmt.Errorf("key %s: another key has the same kid", k.label()))
			continue
		}
		if slices.ContainsFunc(keys[:i], k.same) {
			skipped = append(skipped, fmt.Errorf("key %s: listed twice", k.label()))
			continue
		}
		kept = append(kept, k)
	}
	return kept, skipped
}
