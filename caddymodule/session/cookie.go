package session

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// NamePrefix is that of every cookie of ours. Browsers take __Host-Http- only from an answer over HTTPS, for this host alone,
// and never from a script.
const NamePrefix = "__Host-Http-botlatch"

// CookieName is the name of an origin's session cookie. Cookies know no ports, so two sites of one host need two names.
func CookieName(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return NamePrefix + "-" + hex.EncodeToString(sum[:4])
}

// Find is the value of the one cookie of that name, spelled so; "" when there is none, or more than one: which of two a
// browser sent first says nothing of who set it.
func Find(r *http.Request, name string) (value string) {
	found := 0
	for pair := range pairs(r.Header["Cookie"]) {
		if key, v, ok := strings.Cut(pair, "="); ok && key == name {
			found, value = found+1, v
		}
	}
	if found != 1 {
		return ""
	}
	return value
}

// Remove takes every cookie of ours out of r, whatever site it belongs to and in whatever case, so that none reaches a bot.
// The others keep their spelling and their order.
func Remove(r *http.Request) {
	fields := r.Header["Cookie"]
	ours := false
	var kept []string
	for pair := range pairs(fields) {
		if isOurs(pair) {
			ours = true
		} else if pair != "" {
			kept = append(kept, pair)
		}
	}
	switch {
	case !ours:
	case len(kept) == 0:
		delete(r.Header, "Cookie")
	default:
		r.Header["Cookie"] = []string{strings.Join(kept, "; ")}
	}
}

// Withhold takes out of an answer what sets a cookie of ours: the bot does not.
func Withhold(h http.Header) {
	fields := h["Set-Cookie"]
	kept := make([]string, 0, len(fields))
	for _, field := range fields {
		if !isOurs(strings.TrimSpace(field)) {
			kept = append(kept, field)
		}
	}
	switch {
	case len(kept) == len(fields):
	case len(kept) == 0:
		delete(h, "Set-Cookie")
	default:
		h["Set-Cookie"] = kept
	}
}

// isOurs reports whether a pair begins with our names. A pair without a name is its value to some, and a name to others.
func isOurs(pair string) bool {
	pair = strings.TrimLeft(pair, "= \t")
	return len(pair) >= len(NamePrefix) && strings.EqualFold(pair[:len(NamePrefix)], NamePrefix)
}

// pairs yields the cookies of all fields (RFC 6265 §4.2.1). HTTP/2 splits the field (RFC 9113 §8.2.3).
func pairs(fields []string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, field := range fields {
			for pair := range strings.SplitSeq(field, ";") {
				if !yield(strings.Trim(pair, " \t")) {
					return
				}
			}
		}
	}
}
