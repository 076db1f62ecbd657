package policy

import (
	"errors"
	"unicode"
)

// checkPath refuses a path that two parsers could read differently. What it lets through has one decoding, the same
// segments before and after it, and nothing that a cleaning step would remove. It keeps %20, UTF-8 and escaped
// reserved characters, in either hex case. It does not look at how Unicode composes characters, because no router
// does: see Rule.Paths.
func checkPath(path string) error {
	before := rune('/')
	for i := 0; i < len(path); {
		c, size := character(path[i:])
		if size > 1 || c == invalid {
			if err := checkEscape(c); err != nil {
				return err
			}
		}
		switch {
		case c == '/' && before == '/' && i > 0:
			return errors.New("path holds an empty segment") // //, which some merge
		case c == '/' && i > 0 || before == '/':
			if err := checkEdge(before, c); err != nil {
				return err
			}
		}
		switch {
		case c < ' ' || 0x7f <= c && c <= 0x9f: // C0, DEL, C1
			return errors.New("path holds a control character")
		case c == '\\':
			return errors.New("path holds a backslash") // a slash on Windows, and to the URL standard of browsers
		case c == ';':
			return errors.New("path holds a semicolon") // Java cuts a segment there
		}
		before = c
		i += size
	}
	return checkEdge(before, '/')
}

// checkEscape refuses an escape of what is an ASCII character better written plainly, or one that means another thing
// when it is decoded once more or earlier than by the next parser.
func checkEscape(c rune) error {
	switch {
	case c == invalid:
		return errors.New("path is not UTF-8") // overlong forms too: %C0%AF is a slash to a careless decoder
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
		// RFC 3986 §2.3: it means the same, and routers that compare before decoding do not see that.
		return errors.New("path escapes an unreserved character")
	case c == '/', c == '?', c == '#', c == '%':
		return errors.New("path escapes a delimiter") // ..%2F, %253B: the next decoder finds another path
	}
	return nil
}

// checkEdge refuses what stands badly next to a slash. A segment that ends in a dot is a dot segment, or another
// name for the same file on Windows, which drops spaces at the end as well; some frameworks trim both ends.
func checkEdge(left, right rune) error {
	switch {
	case right == '/' && left == '.':
		return errors.New("path holds a segment that ends in a dot")
	case left == '/' && blank(right), right == '/' && blank(left):
		return errors.New("path holds a segment that begins or ends with a space or a plus")
	}
	return nil
}

// blank reports whether trimming removes c: Go's white space and JavaScript's, which has the byte order mark too, and
// the + that some routers take for a space first.
func blank(c rune) bool {
	return c == ' ' || c == '+' || c > 0x7f && (unicode.IsSpace(c) || c == '\ufeff')
}
