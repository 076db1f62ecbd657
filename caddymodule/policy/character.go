package policy

import (
	"unicode"
	"unicode/utf8"
)

// invalid is what character finds where bytes are not UTF-8.
const invalid rune = -1

// character is the first character of an escaped string, decoded, and the bytes it takes there. Decoding happens
// once.
func character(s string) (c rune, size int) {
	first, size := octet(s)
	if first < utf8.RuneSelf {
		return rune(first), size
	}
	sequence, n, end := [utf8.UTFMax]byte{first}, 1, size
	for !utf8.FullRune(sequence[:n]) && end < len(s) {
		b, width := octet(s[end:])
		sequence[n] = b
		n, end = n+1, end+width
	}
	c, width := utf8.DecodeRune(sequence[:n])
	if c == utf8.RuneError && width == 1 { // U+FFFD itself is three bytes wide
		return invalid, size
	}
	return c, end
}

// octet is the first byte of an escaped string, decoded, and the bytes it takes there.
func octet(s string) (b byte, size int) {
	if s[0] == '%' && len(s) > 2 {
		high, low := hexadecimal(s[1]), hexadecimal(s[2])
		if high < 16 && low < 16 {
			return high<<4 | low, 3
		}
	}
	return s[0], 1
}

// hexadecimal is the value of a digit, or 16.
func hexadecimal(c byte) byte {
	switch c = lower(c); {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 16
}

// fold is c as a skeleton has it: without case in any of the ways in which programs ignore it (folding, lower-casing,
// upper-casing: İ is an i to the second, ſ an s to the third), and + as the space for which some routers take it.
func fold(c rune) rune {
	switch {
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	case c == '+':
		return ' '
	case c < utf8.RuneSelf:
		return max(c, 0) // an invalid byte is taken for U+0000, which no pattern holds
	}
	return unicode.ToLower(unicode.ToUpper(c))
}

// several is what a skeleton has for a folded character whose upper case is more than one letter of ASCII's (Unicode's
// SpecialCasing.txt): JavaScript, Java and Python make FIRE of /ﬁre. Empty: fold says it all.
func several(c rune) string {
	switch c {
	case 'ß':
		return "ss"
	case 'ﬀ':
		return "ff"
	case 'ﬁ':
		return "fi"
	case 'ﬂ':
		return "fl"
	case 'ﬃ':
		return "ffi"
	case 'ﬄ':
		return "ffl"
	case 'ﬅ', 'ﬆ':
		return "st"
	}
	return ""
}
