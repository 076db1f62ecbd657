package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// segment is one of a pattern's. The zero value is *, which any one fits.
type segment struct {
	spelling string // escaped, as allowed: hex digits in upper case
	skeleton string // decoded and folded, as selected
}

// parseSegment reads one segment of a pattern.
func parseSegment(word string) (segment, error) {
	switch {
	case word == "*":
		return segment{}, nil
	case word == "":
		return segment{}, errors.New("holds an empty segment")
	case strings.Contains(word, "*"):
		return segment{}, fmt.Errorf("* and ** stand for whole segments: write /* instead of /%s for one segment, "+
			"/** for any number of them, %%2A for an asterisk", word)
	case word[0] == ':':
		return segment{}, fmt.Errorf("write * instead of %s for any one segment", word)
	case strings.ContainsAny(word, "{}"):
		return segment{}, errors.New("holds a placeholder, which a path cannot: write {$NAME}, which the Caddyfile fills in, " +
			"* for any one segment, %7B and %7D for braces")
	case strings.ContainsAny(word, "?#"):
		return segment{}, errors.New("holds a query or a fragment, which rules do not see: write the path alone")
	case !utf8.ValidString(word):
		return segment{}, errors.New("is not UTF-8")
	}
	spelling, err := escape(word)
	if err != nil {
		return segment{}, err
	}
	if err := checkPath("/" + spelling); err != nil {
		return segment{}, fmt.Errorf("no request can fit it, because such a %w", err)
	}
	return segment{spelling: spelling, skeleton: skeleton(spelling)}, nil
}

// escape is word as net/http sends it: everything that RFC 3986 §3.3 does not allow in a segment escaped, hex digits
// in upper case, the rest as it was written.
func escape(word string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		c, size := octet(word[i:])
		switch {
		case size == 3:
			fmt.Fprintf(&b, "%%%02X", c)
			i += 2
		case c == '%':
			return "", errors.New("holds a percent sign that begins no escape")
		case plain(c):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String(), nil
}

// plain reports whether net/http sends c as it is: unreserved, sub-delims, colon, at, and the brackets, which
// browsers do not escape.
func plain(c byte) bool {
	return 'a' <= lower(c) && lower(c) <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~!$&'()*+,;=:@[]", c) >= 0
}

// skeleton is an escaped segment decoded and folded.
func skeleton(s string) string {
	var b strings.Builder
	for s != "" {
		c, size := character(s)
		c, s = fold(c), s[size:]
		if letters := several(c); letters != "" {
			b.WriteString(letters)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// fit compares a segment of a path. No segment of a pattern fits an empty one.
func (s *segment) fit(part string) (selected, spelled bool) {
	switch {
	case s.spelling == "":
		return part != "", part != ""
	case s.spelling == part:
		return true, true
	case !sameSkeleton(s.skeleton, part):
		return false, false
	}
	return true, sameSpelling(s.spelling, part)
}

// sameSkeleton reports whether part folds to skeleton.
func sameSkeleton(skeleton, part string) bool {
	for part != "" {
		c, size := character(part)
		c, part = fold(c), part[size:]
		letters := several(c)
		want, width := utf8.DecodeRuneInString(skeleton)
		switch {
		case letters != "" && strings.HasPrefix(skeleton, letters):
			width = len(letters)
		case width == 0 || want != c:
			return false
		}
		skeleton = skeleton[width:]
	}
	return skeleton == ""
}

// sameSpelling reports whether part differs from spelling in the case of hex digits at most (RFC 3986 §6.2.2.1).
// An escaped reserved character is another spelling than a plain one (§2.2): %2B is never the space that + may be.
func sameSpelling(spelling, part string) bool {
	if len(spelling) != len(part) {
		return false
	}
	for i := 0; i < len(part); i++ {
		if spelling[i] != part[i] {
			return false
		}
		if _, size := octet(part[i:]); size == 3 {
			if !sameFold(spelling[i+1:i+3], part[i+1:i+3]) {
				return false
			}
			i += 2
		}
	}
	return true
}
