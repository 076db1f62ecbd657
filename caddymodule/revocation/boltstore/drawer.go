package boltstore

import (
	"encoding/binary"
	"math"
	"time"

	"go.etcd.io/bbolt"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// What is kept in drawers stands in a bucket of its own, made with the first record and marked among the meta as that of the
// used keys is. Key: the drawer, one byte, and the record's key. Value: 8 bytes, the millisecond at which it ends,
// big-endian; what was put in; 4 bytes CRC-32C of key and all of the above. Drawers of a newer version are left alone.
var (
	drawersBucket = []byte("drawers")
	drawersMark   = []byte("drawers")
)

const (
	keptHeader  = 8
	keptMinimum = keptHeader + 1 + trailer
)

func keptKey(drawer revocation.Drawer, key string) []byte {
	return append([]byte{byte(drawer)}, key...)
}

func encodeKept(key, value []byte, expires time.Time) []byte {
	b := make([]byte, 0, keptHeader+len(value)+trailer)
	b = binary.BigEndian.AppendUint64(b, uint64(expires.UnixMilli()))
	return appendSum(key, append(b, value...))
}

func verifyKept(key, record []byte) error {
	if len(key) < 2 || len(key) > 1+revocation.MaxRecordKey || len(record) < keptMinimum {
		return errDamaged
	}
	if end := len(record) - trailer; sum(key, record[:end]) != binary.BigEndian.Uint32(record[end:]) {
		return errDamaged
	}
	return nil
}

// keptEnd is the millisecond at which a record ends.
func keptEnd(record []byte) int64 {
	return int64(binary.BigEndian.Uint64(record)) //nolint:gosec // written as an int64
}

// decodeKept is what was put in; nil: it is past its end.
func decodeKept(key, record []byte, now time.Time) ([]byte, error) {
	if err := verifyKept(key, record); err != nil {
		return nil, err
	}
	if keptEnd(record) <= now.UnixMilli() {
		return nil, nil
	}
	return append([]byte{}, record[keptHeader:len(record)-trailer]...), nil // bbolt's bytes are gone after the transaction
}

// tally is what is known of a drawer without going through it.
type tally struct {
	counted bool
	n       int   // records in the file, those past their end too
	soonest int64 // the millisecond before which none of them ends
	swept   int64 // the second at which those past their end were last looked for
}

// room makes room for one record more: it counts when it must, and takes out what is past its end, once in a while and
// before a drawer is full.
func (t *tally) room(b *bbolt.Bucket, drawer revocation.Drawer, now time.Time) error {
	full := t.n >= revocation.MaxRecords && t.soonest <= now.UnixMilli()
	if !t.counted || full || now.Unix() >= t.swept+pruneEvery {
		if err := t.sweep(b, drawer, now); err != nil {
			return err
		}
	}
	if t.n >= revocation.MaxRecords {
		return revocation.ErrDrawerFull
	}
	t.n++
	return nil
}

// sweep goes through a drawer: it counts, and deletes what is past its end. No damaged record is taken for one that is.
func (t *tally) sweep(b *bbolt.Bucket, drawer revocation.Drawer, now time.Time) error {
	*t = tally{counted: true, soonest: math.MaxInt64, swept: now.Unix()}
	var ended [][]byte
	c := b.Cursor()
	for key, record := c.Seek([]byte{byte(drawer)}); key != nil && key[0] == byte(drawer); key, record = c.Next() {
		if err := verifyKept(key, record); err != nil {
			return err
		}
		switch end := keptEnd(record); {
		case end > now.UnixMilli():
			t.n++
			t.soonest = min(t.soonest, end)
		case len(ended) < pruneMost:
			ended = append(ended, key)
		default: // the rest goes with the next one
			t.n++
			t.soonest, t.swept = min(t.soonest, end), 0
		}
	}
	for _, key := range ended {
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
