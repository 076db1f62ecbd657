package statuslist

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// maxInflated bounds a list once it is inflated: room for 33 million entries of one bit, or four million of eight.
const maxInflated = 4 << 20

// statusValid is the one status with which a token counts. 1 is invalid, 2 suspended; what 3 and the others mean is the
// issuer's own affair, and no reason to let a token in.
const statusValid = 0

var (
	errBits       = errors.New("status_list.bits is not 1, 2, 4 or 8")
	errEncoding   = errors.New("status_list.lst is not base64url of a zlib stream")
	errInflated   = fmt.Errorf("status_list.lst inflates to more than %d bytes", maxInflated)
	errOutOfRange = errors.New("the list has no entry of the token's idx")
)

// list is a status list as it was published.
type list struct {
	bits      uint64 // a status: 1, 2, 4 or 8
	data      []byte
	issuedAt  time.Time
	expiresAt time.Time // zero: not said
	fresh     time.Duration
	key       *jose.Key // that verified it
}

// readList makes a list of a verified payload, which must be about uri. What concerns time is not asked here.
func readList(payload []byte, uri string) (*list, error) {
	claims, err := jose.ParseObject(payload)
	if err != nil {
		return nil, fmt.Errorf("the payload: %w", err)
	}
	if claims["sub"] != uri {
		return nil, errors.New("the sub claim is not the URI of the list")
	}
	l := new(list)
	if l.issuedAt, err = date(claims, "iat", true); err != nil {
		return nil, err
	}
	if l.expiresAt, err = date(claims, "exp", false); err != nil {
		return nil, err
	}
	if l.fresh, err = ttl(claims); err != nil {
		return nil, err
	}
	statusList, ok := claims["status_list"].(map[string]any)
	if !ok {
		return nil, errors.New("the status_list claim is missing or no object")
	}
	number, _ := statusList["bits"].(json.Number)
	switch number {
	case "1", "2", "4", "8":
		l.bits = uint64(number[0] - '0')
	default:
		return nil, errBits
	}
	encoded, _ := statusList["lst"].(string)
	l.data, err = inflate(encoded)
	return l, err
}

// inflate undoes the encoding of a list, within bounds. A stream that is cut off, or whose checksum does not fit, is no
// list.
func inflate(encoded string) ([]byte, error) {
	deflated, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(deflated) == 0 {
		return nil, errEncoding
	}
	r, err := zlib.NewReader(bytes.NewReader(deflated))
	if err != nil {
		return nil, errEncoding
	}
	data, err := io.ReadAll(io.LimitReader(r, maxInflated+1))
	switch {
	case err != nil:
		return nil, errEncoding
	case len(data) > maxInflated:
		return nil, errInflated
	}
	return bytes.Clone(data), nil // without the room that ReadAll took ahead
}

// status is the entry of an index, the lowest bits of a byte first. An index beyond the list is an error.
func (l *list) status(index uint64) (uint8, error) {
	perByte := 8 / l.bits
	at := index / perByte
	if at >= uint64(len(l.data)) {
		return 0, errOutOfRange
	}
	return l.data[at] >> (index % perByte * l.bits) & (1<<l.bits - 1), nil
}

// latest is the last second that a date of RFC 3339 can name.
const latest = 253402300799

// date is a NumericDate in whole seconds.
func date(claims jose.Object, name string, required bool) (time.Time, error) {
	v, present := claims[name]
	if !present && !required {
		return time.Time{}, nil
	}
	number, _ := v.(json.Number)
	seconds, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || seconds <= 0 || seconds > latest {
		return time.Time{}, fmt.Errorf("the %s claim is not a number of whole seconds since 1970", name)
	}
	return time.Unix(seconds, 0), nil
}

// ttl is for how long the list may be kept, a positive number of seconds; 0: not said.
func ttl(claims jose.Object) (time.Duration, error) {
	v, present := claims["ttl"]
	if !present {
		return 0, nil
	}
	number, _ := v.(json.Number)
	seconds, err := number.Float64()
	if err != nil || !(seconds > 0) {
		return 0, errors.New("the ttl claim is not a positive number")
	}
	return time.Duration(math.Min(seconds, (24*time.Hour).Seconds()) * float64(time.Second)), nil
}
