package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration that is read as Caddy reads its own: "90s", "2m", "1d12h", or a number of nanoseconds.
// Zero means that nothing is asked, so zero cannot be written.
type Duration time.Duration

// ParseDuration reads a duration greater than zero: days of 24 hours, and what time.ParseDuration takes.
func ParseDuration(s string) (Duration, error) {
	var total time.Duration
	rest := s
	if days, after, found := strings.Cut(s, "d"); found {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration: write 90s, 2m, 12h or 1d", s)
		}
		total, rest = time.Duration(n)*24*time.Hour, after
	}
	if rest != "" || total == 0 {
		d, err := time.ParseDuration(rest)
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration: write 90s, 2m, 12h or 1d", s)
		}
		total += d
	}
	if total <= 0 {
		return 0, fmt.Errorf("duration %q is not greater than zero", s)
	}
	return Duration(total), nil
}

// UnmarshalJSON reads a string or a number of nanoseconds.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(b)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	switch v := value.(type) {
	case string:
		parsed, err := ParseDuration(v)
		*d = parsed
		return err
	case json.Number:
		n, err := v.Int64()
		if err != nil || n <= 0 {
			return errors.New("duration is not a whole number of nanoseconds greater than zero")
		}
		*d = Duration(n)
		return nil
	}
	return errors.New("duration is neither a string nor a number of nanoseconds")
}

// MarshalJSON writes a string, which passes through any JSON tool unchanged; a large number does not.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }
