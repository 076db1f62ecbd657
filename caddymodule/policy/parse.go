package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ParsePattern reads a pattern. It may be written decoded (/café, "/my robot") or escaped (/caf%C3%A9, /my%20robot);
// both mean the same. A pattern that no request can fit, and /foo* and *.jpg, are errors that name the right form.
func ParsePattern(s string) (*Pattern, error) {
	if !strings.HasPrefix(s, "/") {
		return nil, fmt.Errorf("path %q: does not begin with a slash: write %q", s, "/"+s)
	}
	p := &Pattern{text: s}
	rest, slash := trim(s)
	p.slash = slash
	for rest != "" {
		var word string
		word, rest = cut(rest)
		if word == "**" {
			if rest != "" || slash {
				return nil, fmt.Errorf("path %q: ** stands only at the very end, where it fits with a slash and without: "+
					"write * for each segment before it", s)
			}
			p.rest = true
			break
		}
		next, err := parseSegment(word)
		if err != nil {
			return nil, fmt.Errorf("path %q: %w", s, err)
		}
		p.segments = append(p.segments, next)
	}
	return p, nil
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
		return segment{}, errors.New("holds a placeholder that was not resolved: write %7B and %7D for braces, " +
			"* for any one segment")
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
		b.WriteRune(fold(c))
		s = s[size:]
	}
	return b.String()
}
