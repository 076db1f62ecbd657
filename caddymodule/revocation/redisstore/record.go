package redisstore

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// format is written in front of the epoch. A latch that does not know the format must not touch the keys.
const format = "1"

// keys are the names of what stands in Redis. The prefix is in braces: a cluster keeps what is equal there on one node.
//
//	epoch      string  format, a space, and random bits: another one is another list, whatever its name
//	entries    hash    name → entry, JSON
//	names      zset    every name, all with score 0: pages go by it
//	ends       zset    names of entries with an end, by its second
//	changes    stream  add <entry> | remove <entry>, the newest 100,000
//	used       hash    consumed key → the sender that consumed it
//	used_ends  zset    consumed keys, by the second of the server's clock at which their token expires
//
//	invitations, sessions            hash  key → a record of the drawer, see drawer.go
//	invitations_ends, sessions_ends  zset  keys, by the second of the server's clock at which the record ends
//	swaps                            hash  senders of swaps that were done a moment ago
//	swaps_ends                       zset  senders, by the second of the server's clock at which they are forgotten
type keys struct {
	epoch, entries, names, ends, changes, used, usedEnds string

	drawers          [revocation.NumDrawers]drawerKeys
	swaps, swapsEnds string
}

func newKeys(prefix string) keys {
	p := "{" + prefix + "}:"
	k := keys{
		epoch: p + "epoch", entries: p + "entries", names: p + "names", ends: p + "ends", changes: p + "changes",
		used: p + "used", usedEnds: p + "used_ends", swaps: p + "swaps", swapsEnds: p + "swaps_ends",
	}
	for _, d := range revocation.Drawers() {
		k.drawers[d] = drawerKeys{records: p + d.String(), ends: p + d.String() + "_ends"}
	}
	return k
}

// field is the name of an entry.
func field(e revocation.Entry) string {
	key := e.Key()
	return base64.RawURLEncoding.EncodeToString(append([]byte{byte(e.Kind)}, key[:]...))
}

// isField reports whether s is a name that field could have made.
func isField(s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == 1+len(revocation.Key{})
}

func encode(e revocation.Entry) (string, error) {
	b, err := json.Marshal(e)
	return string(b), err
}

// decode reads an entry. One that nobody of this version could have written is an error: to pass over it would be to
// forget a revocation.
func decode(record string) (revocation.Entry, error) {
	var e revocation.Entry
	if err := json.Unmarshal([]byte(record), &e); err != nil {
		return e, errors.New("damaged, or of a newer version: an entry is no JSON that this version knows")
	}
	if err := e.Validate(); err != nil {
		return e, fmt.Errorf("damaged: an entry: %w", err)
	}
	return e.Canonical(), nil
}

// streamID is the place of a change in the stream: milliseconds and a number.
type streamID struct{ ms, n uint64 }

func parseStreamID(s string) (id streamID, err error) {
	ms, n, _ := strings.Cut(s, "-")
	if id.ms, err = strconv.ParseUint(ms, 10, 64); err == nil {
		id.n, err = strconv.ParseUint(n, 10, 64)
	}
	return id, err
}

func (id streamID) String() string { return fmt.Sprintf("%d-%d", id.ms, id.n) }

// before reports whether id comes before other.
func (id streamID) before(other streamID) bool {
	return id.ms < other.ms || id.ms == other.ms && id.n < other.n
}
