package boltstore

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func TestRecordComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]revocation.Entry{
		"least": token("1"),
		"full": {
			Kind: revocation.KindSubject, Issuer: strings.Repeat("i", revocation.MaxValue), Value: "ana\x00\u2028",
			IssuedBefore: noon, ExpiresAt: time.Unix(9999999999, 0).UTC(), Reason: strings.Repeat("r", revocation.MaxReason), At: noon,
		},
		"no name": {Kind: revocation.KindAll, IssuedBefore: noon, At: noon},
	} {
		key := recordKey(e)
		if got, err := decode(key, encode(key, e)); err != nil || got != e {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A file written by this release is read by every later one.
func TestRecordDoesNotChangeBetweenReleases(t *testing.T) {
	t.Parallel()
	e := revocation.Entry{
		Kind: revocation.KindSubject, Issuer: "https://id.example.com/", Value: "ana", Reason: "lost phone",
		IssuedBefore: noon, ExpiresAt: noon.Add(time.Hour), At: noon.Add(time.Second),
	}
	const want = "0000000070ddd2c00000000070dde0d00000000070ddd2c11768747470733a2f2f69642e6578616d706c652e636f6d2f" +
		"03616e616c6f73742070686f6e653e5e6197"
	key := recordKey(e)
	if got := hex.EncodeToString(encode(key, e)); got != want {
		t.Errorf("record is %s", got)
	}
}

func FuzzDecode(f *testing.F) {
	key := recordKey(token("1"))
	f.Add(encode(key, token("1")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, record []byte) {
		// With a checksum that fits, or nothing behind it is ever reached.
		if len(record) > trailer {
			end := len(record) - trailer
			record = appendSum(key, record[:end])
		}
		e, err := decode(key, record)
		if err == nil && e.Kind != revocation.KindToken {
			t.Errorf("kind %s", e.Kind)
		}
	})
}

func TestEveryFlippedBitIsSeen(t *testing.T) {
	t.Parallel()
	e := token("1")
	key := recordKey(e)
	record := encode(key, e)
	for i := range 8 * len(record) {
		record[i/8] ^= 1 << (i % 8)
		if _, err := decode(key, record); err == nil {
			t.Errorf("bit %d turned unseen", i)
		}
		record[i/8] ^= 1 << (i % 8)
	}
	for i := range 8 * len(key) {
		key[i/8] ^= 1 << (i % 8)
		if _, err := decode(key, record); err == nil {
			t.Errorf("bit %d of the key turned unseen", i)
		}
		key[i/8] ^= 1 << (i % 8)
	}
}
