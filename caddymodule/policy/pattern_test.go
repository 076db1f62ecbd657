package policy

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// pattern parses s.
func pattern(t testing.TB, s string) *Pattern {
	t.Helper()
	p, err := ParsePattern(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSelectsBySkeletonAllowsBySpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, spelled, selected, passed string }{
		// pattern, paths that fit, paths that are variants of it, paths that are others
		{"/", "/", "", "/a /a/ //"},
		{"/door", "/door", "/Door /DOOR /door/ /Door/", "/ /doo /doors /door/x /door// //door /dooR%20 /%64oor%00"},
		{"/door/", "/door/", "/door /DOOR/", "/ /door/x /doors/"},
		{"/a/b", "/a/b", "/A/b /a/B/", "/a /b /a/b/c /a//b /a/c"},
		{"/my robot", "/my%20robot", "/my+robot /My%20Robot /my%2Brobot /my%2brobot/", "/myrobot /my%20%20robot"},
		{"/my%20robot", "/my%20robot", "/my+robot", "/my"},
		{"/a+b", "/a+b", "/a%20b /a%2Bb /A+b", "/ab"},
		{"/a%2bb", "/a%2Bb /a%2bb", "/a+b /a%20b", "/ab"},
		{"/a!b", "/a!b", "/a%21b", "/ab"},
		{"/a:b", "/a:b", "/a%3Ab /a%3ab", "/ab"},
		{"/%2A", "/%2A /%2a", "/*", "/a"},
		{"/café", "/caf%C3%A9 /caf%c3%a9 /caf%c3%A9", "/CAF%C3%89 /caf%C3%A9/", "/cafe /caf%C3 /cafe%CC%81"},
		{"/caf%c3%a9", "/caf%C3%A9 /caf%c3%a9", "/CAF%C3%89", "/cafe"},
		{"/kiss", "/kiss", "/%E2%84%AAiss /ki%C5%BF%C5%BF /K%C4%B0SS /k%C4%B1ss", "/ki"},
		{"/first/kiss", "/first/kiss", "/%EF%AC%81rst/kiss /first/ki%C3%9F /FIRST/KI%E1%BA%9E /%ef%ac%81r%ef%ac%86/kiss/ /fir%EF%AC%85/kiss", "/fist/kis /f%C3%9Frst/kiss"},
		{"/off", "/off", "/o%EF%AC%80", "/o%EF%AC%80f /o%EF%AC%83 /o"},
		{"/straße", "/stra%C3%9Fe", "/STRASSE /strasse /STRA%E1%BA%9EE", "/strase /stra%C3%9F"},
		{"/σ", "/%CF%83", "/%CE%A3 /%CF%82", "/%CF%84"},
		{"/%EF%BF%BD", "/%EF%BF%BD", "", "/%FF /%ED%A0%80"},
		{"/*", "/a /robots /a%20b /A", "/a/ /A/", "/ /a/b // //a"},
		{"/*/", "/a/", "/a", "/ /a/b /a//"},
		{"/api/*/x", "/api/r1/x /api/R1/x", "/API/r1/x /api/r1/X /api/r1/x/", "/api/x /api//x /api/r1/y/x"},
		{"/**", "/ /a /a/ /a/b /A/B/", "", ""},
		{"/x/**", "/x /x/ /x/y /x/Y/z/ /x/y/", "/X /X/ /X/y", "/ /xy /y/x"},
		{"/x/*/**", "/x/y /x/y/ /x/y/z", "/X/y", "/x /x/ /xy"},
	} {
		p := pattern(t, c.pattern)
		for i, paths := range []string{c.spelled, c.selected, c.passed} {
			for path := range strings.FieldsSeq(paths) {
				selected, spelled := p.Fit(path)
				if selected != (i < 2) || spelled != (i == 0) {
					t.Errorf("%s, %s: selected %t, spelled %t", c.pattern, path, selected, spelled)
				}
			}
		}
	}
}

func TestSkeletonIgnoresEveryKindOfCase(t *testing.T) {
	t.Parallel()
	for c := rune(0x80); c <= unicode.MaxRune; c++ {
		if !utf8.ValidRune(c) {
			continue
		}
		for _, twin := range []rune{unicode.SimpleFold(c), unicode.ToLower(c), unicode.ToUpper(c), unicode.ToTitle(c)} {
			if fold(c) != fold(twin) {
				t.Errorf("%q and %q differ", c, twin)
			}
		}
	}
}

func TestRefusesPatternThatNothingFits(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":               `write "/"`,
		"door":           `write "/door"`,
		"**":             `write "/**"`,
		"/foo*":          "write /* instead of /foo*",
		"/*.jpg":         "write /* instead of /*.jpg",
		"/a**":           "/** for any number",
		"/***":           "whole segments",
		"/**/x":          "only at the very end",
		"/x/**/":         "only at the very end",
		"/**/**":         "only at the very end",
		"//":             "empty segment",
		"/a//b":          "empty segment",
		"/a//":           "empty segment",
		"/../x":          "ends in a dot",
		"/a/.":           "ends in a dot",
		"/a.":            "ends in a dot",
		"/%2e%2e/x":      "escapes an unreserved character",
		"/un%6Cock":      "escapes an unreserved character",
		"/a%2Fb":         "escapes a delimiter",
		"/a%25b":         "escapes a delimiter",
		"/100%":          "percent sign that begins no escape",
		"/%zz":           "percent sign that begins no escape",
		"/a;b":           "semicolon",
		"/a%3bb":         "semicolon",
		`/a\b`:           "backslash",
		"/a?b":           "query",
		"/a#b":           "fragment",
		"/a\nb":          "control character",
		"/a%00":          "control character",
		"/a%C2%80":       "control character",
		"/a+":            "begins or ends with a space or a plus",
		"/a/%2Bb":        "begins or ends with a space or a plus",
		"/ a":            "begins or ends with a space",
		"/a%20":          "begins or ends with a space",
		"/a\xff":         "not UTF-8",
		"/a%C0%AF":       "not UTF-8",
		"/{env.DOOR}":    "placeholder",
		"/{id}":          "* for any one segment",
		"/robots/:id":    "write * instead of :id",
		"http://a.test/": "does not begin with a slash",
	} {
		if _, err := ParsePattern(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", s, err, want)
		}
	}
}

func TestHides(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p, q         string
		hides, meets bool
	}{
		{"/a", "/a", true, true},
		{"/a", "/A/", true, true},
		{"/a+b", "/a b", true, true},
		{"/a", "/b", false, false},
		{"/a", "/a/**", false, true},
		{"/a/**", "/a/**", true, true},
		{"/*", "/a", true, true},
		{"/a", "/*", false, true},
		{"/*", "/", false, false},
		{"/*", "/*/*", false, false},
		{"/*/b", "/a/*", false, true},
		{"/**", "/", true, true},
		{"/**", "/a/*/**", true, true},
		{"/a/**", "/a", true, true},
		{"/a/**", "/**", false, true},
		{"/a/**", "/b/**", false, false},
		{"/a/b", "/a/**", false, true},
		{"/a/b/c", "/a/*/**", false, true},
		{"/*/**", "/", false, false},
		{"/*/**", "/**", false, true},
		{"/a/*/**", "/a/**", false, true},
	} {
		p, q := pattern(t, c.p), pattern(t, c.q)
		if got := p.Hides(q); got != c.hides {
			t.Errorf("%s hides %s: %t", p, q, got)
		}
		if p.Meets(q) != c.meets || q.Meets(p) != c.meets {
			t.Errorf("%s meets %s: %t, and the other way round %t", p, q, p.Meets(q), q.Meets(p))
		}
	}
}
