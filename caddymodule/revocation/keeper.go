package revocation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Bounds of a Keeper.
const (
	MaxRecordKey = 128     // bytes of a key, of which there must be one
	MaxRecord    = 4096    // bytes of a value, of which there must be one
	MaxRecords   = 100_000 // records in a drawer that are not past their end
)

// ErrDrawerFull is the answer to a record too many. Nothing was changed.
var ErrDrawerFull = fmt.Errorf("no room for more than %d records", MaxRecords)

// Keeper is a Writer that keeps small records beside the entries: invitations, and which browsers are signed in. Records
// are in drawers; a drawer has one value to a key, and each ends some day by itself. They are none of the entries: no Follow
// is told of them, no Page lists them. Keys and values stand in the store as they are: a secret goes in hashed, or whoever
// reads a backup has it.
//
// Who keeps the records says what time it is: a record is past its end by the clock of the store, or of the latch when it
// keeps a file of its own. An error means "not known", never "nothing": a record that is not what was written is one. What
// is outside the bounds is an error too, and so is an unknown drawer; errors quote neither keys nor values.
type Keeper interface {
	Writer

	// Record returns what stands under key in a drawer; nil: nothing, or it is past its end. The bytes are the caller's.
	Record(ctx context.Context, drawer Drawer, key string) ([]byte, error)

	// Records returns all of a drawer that are not past their end, by key, each as it stood at some moment of the call; the
	// map is never nil without an error. A full drawer is hundreds of megabytes: it is for who lists, not for each request.
	Records(ctx context.Context, drawer Drawer) (map[string][]byte, error)

	// Swap puts value in place of old and reports whether old is what stood there: one winner, however many ask at the same
	// moment, among all latches that share the resource. A nil old is "nothing stands there" (a record past its end is
	// nothing), a nil value takes it out; what is empty but not nil is an error. What it did is durable, as an entry that
	// was added, before true is returned; false changed nothing.
	//
	// Bytes are compared, not histories: where many may put the same value in place of the same old one, or a value may come
	// back, something in it must tell them apart. Old in place of itself moves the end, and everybody who asks for it wins.
	//
	// expires is when the record ends, in milliseconds, never zero unless value is nil, and not after the year 9999; the
	// record may vanish from then on, and Record does not return it. One that has passed is no error: the record is nothing
	// as soon as it is there. When the drawer is full, records past their end are taken out, and only if there are none is
	// it ErrDrawerFull; what stands there already can be swapped all the same.
	//
	// After an error other than ErrDrawerFull, that of a context that ended too, it may be done or not.
	Swap(ctx context.Context, drawer Drawer, key string, old, value []byte, expires time.Time) (swapped bool, err error)
}

// ValidateRecordKey refuses what Keeper.Record refuses.
func ValidateRecordKey(drawer Drawer, key string) error {
	if err := drawer.Validate(); err != nil {
		return err
	}
	foreign := strings.ContainsFunc(key, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
	if key == "" || len(key) > MaxRecordKey || foreign {
		return fmt.Errorf("%s: key is not 1 to %d letters, digits, dashes and underscores", drawer, MaxRecordKey)
	}
	return nil
}

// ValidateSwap refuses what Keeper.Swap refuses, but for a drawer that is full.
func ValidateSwap(drawer Drawer, key string, old, value []byte, expires time.Time) error {
	if err := ValidateRecordKey(drawer, key); err != nil {
		return err
	}
	for name, b := range map[string][]byte{"old value": old, "value": value} {
		if b != nil && (len(b) == 0 || len(b) > MaxRecord) {
			return fmt.Errorf("%s: %s is not nil and not 1 to %d bytes", drawer, name, MaxRecord)
		}
	}
	switch {
	case value == nil:
		return nil
	case expires.IsZero():
		return errors.New(drawer.String() + ": the record has no end")
	case expires.Unix() <= 0 || expires.UTC().Year() > 9999:
		return errors.New(drawer.String() + ": the end is not between 1970 and 9999")
	}
	return nil
}
