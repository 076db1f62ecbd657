package remote

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Freshness is how long an answer says that it is fresh from now on (RFC 9111 §4.2.1); 0: it does not say. It is for a Parse.
func Freshness(h http.Header) time.Duration { return freshness(h, time.Now()) }

// freshness is how long an answer says that it is fresh (RFC 9111 §4.2.1), less the age that it has already; 0: it does not
// say. What must not be kept, or be asked for anew each time, is fresh for a nanosecond: Options.MinAge bounds that.
func freshness(h http.Header, now time.Time) time.Duration {
	const hardly = time.Nanosecond
	var says time.Duration
	for directive := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.Trim(directive, " \t"), "=")
		switch strings.ToLower(name) {
		case "no-store", "no-cache":
			return hardly
		case "max-age":
			seconds, ok := deltaSeconds(strings.Trim(value, `"`))
			if !ok {
				return hardly // RFC 9111 §4.2.1: what cannot be read is stale
			}
			says = seconds
			if says == 0 {
				return hardly
			}
		}
	}
	if expires := h.Get("Expires"); says == 0 && expires != "" {
		at, err := http.ParseTime(expires)
		if err != nil || !at.After(now) {
			return hardly
		}
		return at.Sub(now)
	}
	if says == 0 {
		return 0
	}
	age, _ := deltaSeconds(h.Get("Age"))
	return max(says-age, hardly)
}

// deltaSeconds is RFC 9111 §1.2.2. More than a year is a year.
func deltaSeconds(s string) (time.Duration, bool) {
	const year = 365 * 24 * time.Hour
	n, err := strconv.ParseUint(s, 10, 64)
	switch {
	case err != nil && s != "" && strings.Trim(s, "0123456789") == "":
		return year, true
	case err != nil:
		return 0, false
	}
	return time.Duration(min(n, uint64(year/time.Second))) * time.Second, true
}

// Skew is how far the clock of who answered is ahead of ours: its Date (RFC 9110 §6.6.1), and the Age that a cache gave the answer
// since. ok is false when it does not say. It is right to a second or two, and is for a Parse.
func Skew(h http.Header) (ahead time.Duration, ok bool) { return skew(h, time.Now()) }

func skew(h http.Header, now time.Time) (ahead time.Duration, ok bool) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	age, _ := deltaSeconds(h.Get("Age"))
	return date.Add(age).Sub(now.Truncate(time.Second)), true
}
