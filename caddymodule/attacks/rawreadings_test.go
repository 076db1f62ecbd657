package attacks_test

import (
	"net/url"
	"path"
	"strings"
	"testing"
	"unicode"
)

// steps are what some router or other does to a request target before it compares it.
var steps = []func(string) string{
	func(s string) string { // decode what can be decoded
		var b strings.Builder
		for _, c := range characters(s) {
			if decoded, err := url.PathUnescape(c); err == nil {
				c = decoded
			}
			b.WriteString(c)
		}
		return b.String()
	},
	func(s string) string { return strings.ReplaceAll(s, "+", " ") },
	func(s string) string { return strings.ReplaceAll(s, `\`, "/") },
	func(s string) string { s, _, _ = strings.Cut(s, "?"); return s },
	func(s string) string { s, _, _ = strings.Cut(s, "#"); return s },
	func(s string) string { // cut the origin off
		if scheme, rest, ok := strings.Cut(s, "://"); ok && !strings.ContainsAny(scheme, "/?#") {
			_, s, _ = strings.Cut(rest, "/")
		}
		return s
	},
	func(s string) string { return path.Clean("/" + s) },
	func(s string) string { return strings.ToLower(strings.ToUpper(full.Replace(s))) },
	func(s string) string { return strings.ToValidUTF8(s, "") },
	func(s string) string { // drop what nobody sees, and stop at NUL
		s, _, _ = strings.Cut(s, "\x00")
		return strings.Map(func(c rune) rune {
			if unicode.IsControl(c) {
				return -1
			}
			return c
		}, s)
	},
	segments(func(s string) string { s, _, _ = strings.Cut(s, ";"); return s }),
	segments(strings.TrimSpace),
	segments(func(s string) string { return strings.TrimRight(s, ". ") }),
}

// full are letters whose upper case is several of ASCII's (Unicode's SpecialCasing.txt).
var full = strings.NewReplacer("ß", "ss", "ẞ", "ss", "ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl", "ﬅ", "st", "ﬆ", "st")

// segments is a step that goes over each segment.
func segments(step func(string) string) func(string) string {
	return func(s string) string {
		parts := strings.Split(s, "/")
		for i := range parts {
			parts[i] = step(parts[i])
		}
		return strings.Join(parts, "/")
	}
}

// readings is what becomes of the path of a target when any of the steps are taken, in any order and any number of
// times. The query goes first: rules do not look at it, as policy.Rule says.
func readings(target string) map[string]bool {
	target, _, _ = strings.Cut(target, "?")
	found := map[string]bool{target: true}
	for todo := []string{target}; len(todo) > 0; todo = todo[1:] {
		for _, step := range steps {
			if next := step(todo[0]); !found[next] {
				found[next] = true
				todo = append(todo, next)
			}
		}
	}
	return found
}

func TestReadingsFindWhatEachStepFinds(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"/servo/10", "/servo/10/", "/SERVO/10", "/%73ervo/10", "/%2573ervo/10", "/servo%2F10", "/servo%252f10", `/servo\10`, "/servo%5c10", "//servo//10", "/x/../servo/10",
		"/x/..%2fservo/10", "/servo;x=1/10", "/servo/10;y", "/servo/10?x", "/servo/10#x", "/servo/10%00.html", "/servo/10.", "/servo/10%20", "/servo/10+", "/ſervo/10", "/%C5%BFervo/10",
		"/servo/1\xff0", "/serv%ffo/10", "http://bot/servo/10", "servo/10", "/servo/%0910", "/servo/10%3fx", "/servo/10%23", `/x\..\SERVO%2f10;y?z`,
	} {
		if !readings(target)["/servo/10"] {
			t.Errorf("%q is not read as /servo/10", target)
		}
	}
	for _, target := range []string{"/", "/servo", "/servo/1", "/servo/10/x", "/status?/servo/10", "/servo/10x", "/xservo/10", "/servo/1/0"} {
		if readings(target)["/servo/10"] {
			t.Errorf("%q is read as /servo/10", target)
		}
	}
}
