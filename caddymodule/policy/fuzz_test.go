package policy

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// seeds are targets that were dangerous to somebody.
var seeds = []string{
	"/", "/a", "/a/", "/door/unlock", "/Door/unlock/", "/a/../b", "/%2e%2e/b", "/..%2fb", "/%252e", "/a//b", "/a;b", `/a\b`,
	"/caf%C3%A9", "/café", "/é%2Fb", "/%C0%AF", "/%ED%A0%80", "/a%20b", "/a+b", "/a%2Bb", "/a?b#c", "/a#b", "http://bot.test/a",
	"http:a", "*", "/%E2%84%AA", "/un%6Cock", "/a.", "/a%20", "/%C2%85", "/[a]!'()*", "/%00", "/a%EF%BB%BF", "/%FF%FE",
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	mux := http.NewServeMux()
	reached := ""
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { reached = r.URL.EscapedPath() })
	f.Fuzz(func(t *testing.T, target string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + target + " HTTP/1.1\r\nHost: bot.test\r\n\r\n")))
		if err != nil {
			return
		}
		if _, err := (Reading{LenientPath: true}).ParseTarget(r); err != nil {
			if _, err := ParseTarget(r); err == nil {
				t.Fatal("strict takes what lenient refuses")
			}
		}
		got, err := ParseTarget(r)
		if err != nil {
			return
		}
		sent, err := url.ParseRequestURI(got.Path)
		if err != nil || sent.EscapedPath() != got.Path || sent.RawQuery != "" || r.URL.RequestURI()[:len(got.Path)] != got.Path {
			t.Fatalf("%q is sent as another path: %v", got.Path, err)
		}
		if !utf8.ValidString(sent.Path) || strings.ContainsFunc(sent.Path, unicode.IsControl) {
			t.Fatalf("%q decodes to what is no text", got.Path)
		}
		if again, err := url.PathUnescape(sent.Path); err != nil || again != sent.Path {
			t.Fatalf("%q can be decoded twice", got.Path)
		}
		if clean := path.Clean(sent.Path); clean != sent.Path && clean+"/" != sent.Path {
			t.Fatalf("%q is not clean", got.Path)
		}
		if strings.Count(sent.Path, "/") != strings.Count(got.Path, "/") || strings.ContainsAny(sent.Path, `\;?#`) {
			t.Fatalf("%q has other segments when it is decoded", got.Path)
		}
		reached = ""
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, &http.Request{Method: http.MethodGet, URL: sent, Host: "bot.test"})
		if w.Code != http.StatusOK || reached != got.Path {
			t.Fatalf("%q: http.ServeMux answers %d and reads %q", got.Path, w.Code, reached)
		}
	})
}

// FuzzNoReadingFallsThrough: however a bot reads a path, one that it may take for the lock's is never decided by the
// broader rule behind the lock's.
func FuzzNoReadingFallsThrough(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	for _, s := range []string{
		"/FRONT+door/unlock", "/front%20door/unloc%E2%84%AA", "/front%2bdoor/unlock/", "/front door/unlock", "/front%2520door/unlock",
		"/front%20door/./unlock", "/front%20door;x/unlock", "/front%20door%2Funlock", "/front%20door/unlock.", "/Front door/UNLOCK/",
	} {
		f.Add(s)
	}
	p, err := compile("GET /front%20door/unlock scope unlock", "GET /** scope observe")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := url.ParseRequestURI(raw)
		if err != nil {
			return
		}
		target, err := ParseTarget(&http.Request{Method: http.MethodGet, URL: u, Host: u.Host})
		if err != nil {
			return
		}
		r, err := p.Match(target)
		if err == nil && r.Scope[0] == "observe" && boldest(target.Path) == "/front door/unlock" {
			t.Fatalf("%q opens the lock with the scope to observe", target.Path)
		}
	})
}

// boldest is what a bot makes of a path that does all at once what one bot or another does.
func boldest(s string) string {
	for {
		decoded, err := url.QueryUnescape(s)
		if err != nil || decoded == s {
			break
		}
		s = decoded
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), `\`, "/")
	segments := strings.Split(s, "/")
	for i, segment := range segments {
		segment, _, _ = strings.Cut(segment, ";")
		segments[i] = strings.TrimRight(strings.TrimRight(segment, " "), ".")
	}
	return strings.ToLower(strings.ToUpper(path.Clean("/" + strings.Join(segments, "/"))))
}

func FuzzFit(f *testing.F) {
	for _, p := range []string{"/", "/a", "/A/", "/*", "/**", "/a/**", "/a/*/b", "/café", "/a+b", "/a%20b", "/%2A"} {
		for _, s := range seeds {
			f.Add(p, s)
		}
	}
	f.Fuzz(func(t *testing.T, text, target string) {
		p, err := ParsePattern(text)
		if err != nil || !strings.HasPrefix(target, "/") {
			return
		}
		selected, spelled := p.Fit(target)
		if spelled && !selected {
			t.Fatalf("%q fits %q and was not selected", text, target)
		}
		if selected != pattern(t, text).fits(target) {
			t.Fatalf("%q is fickle about %q", text, target)
		}
		if !p.Hides(p) || !p.Meets(p) {
			t.Fatalf("%q does not hide itself", text)
		}
		if !selected {
			return
		}
		for _, variant := range []string{
			strings.TrimSuffix(target, "/") + "/", strings.ReplaceAll(target, "+", "%20"), strings.ReplaceAll(target, "%20", "+"),
			strings.ReplaceAll(target, "+", "%2b"), upperPlain(target),
		} {
			if !p.fits(variant) {
				t.Fatalf("%q selects %q and not %q", text, target, variant)
			}
		}
	})
}

// fits reports whether p selects path.
func (p *Pattern) fits(path string) bool {
	selected, _ := p.Fit(path)
	return selected
}

// upperPlain is s with its ASCII letters in upper case; hex digits do not mind.
func upperPlain(s string) string {
	return strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' {
			return c + 'A' - 'a'
		}
		return c
	}, s)
}
