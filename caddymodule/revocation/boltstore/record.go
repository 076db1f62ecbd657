package boltstore

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// An entry in the file. Key: the kind, then revocation.Key, so that a name is there once and pages go by kind. Value,
// integers big-endian:
//
//	8 bytes each    issued_before, expires_at, at: seconds since 1970, 0 for none
//	uvarint + iss, uvarint + value, reason (what is left)
//	4 bytes         CRC-32C of key and all of the above: an SD card that forgets must not change a cut-off unseen
//
// Half the size of JSON, and a twentieth of the time to read.
const (
	keySize = 1 + len(revocation.Key{})
	header  = 3 * 8
	trailer = 4
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	errDamaged = errors.New("damaged: an entry is not what was written")
)

func recordKey(e revocation.Entry) []byte {
	hash := e.Key()
	return append([]byte{byte(e.Kind)}, hash[:]...)
}

func encode(key []byte, e revocation.Entry) []byte {
	b := make([]byte, 0, header+2*binary.MaxVarintLen16+len(e.Issuer)+len(e.Value)+len(e.Reason)+trailer)
	for _, t := range []time.Time{e.IssuedBefore, e.ExpiresAt, e.At} {
		var s int64
		if !t.IsZero() {
			s = t.Unix()
		}
		b = binary.BigEndian.AppendUint64(b, uint64(s))
	}
	for _, text := range []string{e.Issuer, e.Value} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = append(b, e.Reason...)
	return appendSum(key, b)
}

// verify reports whether a record is as encode made it. A kind of a newer version is an error too: to pass over it
// would be to forget a revocation.
func verify(key, record []byte) error {
	if len(key) != keySize || len(record) < header+trailer {
		return errDamaged
	}
	end := len(record) - trailer
	if sum(key, record[:end]) != binary.BigEndian.Uint32(record[end:]) {
		return errDamaged
	}
	if key[0] == 0 || key[0] >= revocation.NumKinds {
		return errors.New("an entry of an unknown kind: the file may be of a newer version")
	}
	return nil
}

func decode(key, record []byte) (revocation.Entry, error) {
	if err := verify(key, record); err != nil {
		return revocation.Entry{}, err
	}
	e := revocation.Entry{
		Kind:         revocation.Kind(key[0]),
		IssuedBefore: instant(record),
		ExpiresAt:    instant(record[8:]),
		At:           instant(record[16:]),
	}
	// One string for all: bbolt's bytes are gone after the transaction.
	rest := string(record[header : len(record)-trailer])
	var ok bool
	if e.Issuer, rest, ok = cut(rest); !ok {
		return revocation.Entry{}, errDamaged
	}
	if e.Value, rest, ok = cut(rest); !ok {
		return revocation.Entry{}, errDamaged
	}
	e.Reason = rest
	return e, nil
}

// cut takes a text with its length in front off s.
func cut(s string) (text, rest string, ok bool) {
	n, size := binary.Uvarint([]byte(s[:min(len(s), binary.MaxVarintLen64)]))
	if size <= 0 || n > revocation.MaxValue {
		return "", "", false
	}
	end := size + int(n)
	if end > len(s) {
		return "", "", false
	}
	return s[size:end], s[end:], true
}

// instant reads the seconds in front of b.
func instant(b []byte) time.Time {
	s := int64(binary.BigEndian.Uint64(b)) //nolint:gosec // written as an int64
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

func appendSum(key, record []byte) []byte {
	return binary.BigEndian.AppendUint32(record, sum(key, record))
}

func sum(key, record []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, record)
}
