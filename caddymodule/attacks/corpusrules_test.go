package attacks_test

import (
	"fmt"
	"slices"
	"strings"
)

// rules make targets out of a path, each by one kind of carelessness that somebody's parser has.
var rules = []func(path string) []string{
	once(escapes), once(doubleEscapes), once(overlong), once(cases), once(folds), once(separators),
	between(insertions), surrounded, restarted, whole, absolute,
}

// once is a rule that puts something else in the place of one character at a time.
func once(others func(character string) []string) func(string) []string {
	return func(path string) (altered []string) {
		parts := characters(path)
		for i := range parts {
			for _, other := range others(parts[i]) {
				altered = append(altered, strings.Join(slices.Concat(parts[:i], []string{other}, parts[i+1:]), ""))
			}
		}
		return append(altered, path)
	}
}

// between is a rule that puts something between two characters, or behind the last.
func between(extra []string) func(string) []string {
	return func(path string) (altered []string) {
		parts := characters(path)
		for i := range parts {
			for _, e := range extra {
				altered = append(altered, strings.Join(slices.Insert(slices.Clone(parts), i+1, e), ""))
			}
		}
		return append(altered, path)
	}
}

// characters are those of a path; an escape is one.
func characters(path string) (parts []string) {
	for path != "" {
		width := 1
		if path[0] == '%' && len(path) > 2 {
			width = 3
		}
		parts, path = append(parts, path[:width]), path[width:]
	}
	return parts
}

// octet is the byte that a character stands for.
func octet(character string) (b byte) {
	if len(character) == 3 {
		if _, err := fmt.Sscanf(character[1:], "%02x", &b); err == nil {
			return b
		}
	}
	return character[0]
}

func escapes(c string) []string {
	return []string{fmt.Sprintf("%%%02x", octet(c)), fmt.Sprintf("%%%02X", octet(c)), string(rune(octet(c)))}
}

func doubleEscapes(c string) []string {
	b := octet(c)
	return []string{
		fmt.Sprintf("%%25%02x", b), fmt.Sprintf("%%25%02X", b), fmt.Sprintf("%%2525%02x", b), fmt.Sprintf("%%%%%02x", b),
		"%" + percent(fmt.Sprintf("%02x", b)), fmt.Sprintf("%%u%04x", b), fmt.Sprintf("%%U%04X", b), fmt.Sprintf("%%u%04X", int(b)+0xfee0),
		fmt.Sprintf("&%%23%d%%3b", b), fmt.Sprintf("\\x%02x", b),
	}
}

// overlong are spellings of UTF-8 that its definition forbids.
func overlong(c string) []string {
	b := octet(c)
	two, three, four := []byte{0xc0 | b>>6, 0x80 | b&0x3f}, []byte{0xe0, 0x80 | b>>6, 0x80 | b&0x3f}, []byte{0xf0, 0x80, 0x80 | b>>6, 0x80 | b&0x3f}
	var all []string
	for _, form := range [][]byte{two, three, four} {
		all = append(all, string(form), percent(string(form)), strings.ToLower(percent(string(form))))
	}
	return append(all, string([]byte{b | 0x80}), percent(string([]byte{b | 0x80})))
}

// percent is every byte of s escaped.
func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

func cases(c string) []string { return []string{strings.ToUpper(c), strings.ToLower(c)} }

// folds are letters that become c when a program ignores case, width, or accents.
func folds(c string) (all []string) {
	b := octet(c)
	looks := []string{string(rune(b) + 0xfee0)}
	looks = append(looks, map[byte][]string{
		's': {"ſ", "ß", "ﬆ"}, 'k': {"K"}, 'i': {"İ", "ı"}, '/': {"∕", "⁄", "⧸", "╱"}, '.': {"․", "。"}, ' ': {"\u00a0", "\u3000"}, 'f': {"ﬁ"},
		'-': {"\u00ad", "‐"}, 'e': {"é", "e\u0301"}, 'o': {"º", "о"}, '1': {"¹", "①"}, '0': {"０", "٠"},
	}[b]...)
	for _, look := range looks {
		all = append(all, look, percent(look))
	}
	return all
}

// separators stand for the slash between two segments, or for a space.
func separators(c string) []string {
	switch octet(c) {
	case '/':
		return []string{
			"//", "///", "/./", "/.//", `\`, `/\`, `\/`, "%2f", "%2F", "/%2f", "%2f/", "%5c", "%5C", "/%5c", "%252f", "%252F", "%255c",
			"%c0%af", "%C1%9C", "/;/", "/;x/", ";/", ";x=1/", "%3b/", "/x/../", "/x/%2e%2e/", "/x/..%2f", "/x/..%5c", `/x\..\`, "/x/..;/",
			"/x/.%2e/", "/x/%2e./", "/x/%252e%252e/", "/%2e/", "/%252e/", "/ /", "/%20/", "/+/", "/\t/", "/%00/", " /", "%20/", "/%20", "+/", "/+",
			"./", "../", "/..", ".%00/", "/:/", "/~/", "/$/", ":", "|", "%7c", "%2f%2f", "/x%2f../", "/x//../../", "/?/", "/#/", "/%3f/", "/%23/",
		}
	case ' ':
		return []string{"+", "%2b", "%2B", "%2520", "%252b", " ", "\t", "%09", "%0b", "%a0", "%c2%a0", "%20%20", "++", "%20+", "_", ""}
	}
	return nil
}

// insertions are what some parser drops, or where it stops reading.
var insertions = []string{
	"%00", "\x00", "%01", "\x01", "%0a", "%0d", "\r", "%0d%0a", "%09", "\t", "%0b", "%7f", "\x7f", "%ff", "\xff", "%80", "\x80", "%c2", "%c2%80", "%ed%a0%80",
	"%ef%bb%bf", "\ufeff", "%e2%80%8b", "\u200b", "%c2%ad", "%cc%81", "\u0301", "%ef%bf%bd", " ", "%20", "+", "%2b", "%", "%2", "%zz", "%u", "%25", ";", ";x", ";x=1",
	"%3b", "%3Bx", `\`, "?", "?x", "#", "#x", "%23", "%3f", "%3F", "&", "*", "%2a", "'", "\"", "<", "{", "|", "^", "`", "~", "!", ",", "=", ":", "@", "\u202e", "👩‍🚀",
}
