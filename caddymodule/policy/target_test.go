package policy

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

// receive reads a request as net/http's server does, from the bytes on the wire.
func receive(t testing.TB, wire string) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
	if err != nil {
		t.Fatalf("net/http itself refuses %q: %v", wire, err)
	}
	return r
}

// get is a GET of target.
func get(t testing.TB, target string) *http.Request {
	t.Helper()
	return receive(t, "GET "+target+" HTTP/1.1\r\nHost: bot.test\r\n\r\n")
}

// wantReason fails unless err is a refusal for reason whose text holds nothing of the request.
func wantReason(t *testing.T, err error, reason deny.Reason) {
	t.Helper()
	var refusal *deny.Error
	if !errors.As(err, &refusal) || refusal.Reason != reason {
		t.Fatalf("got %v, want %v", err, reason)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("error %q repeats the request", err)
	}
}

func TestReadsOneTarget(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ target, path string }{
		"ok/root":                       {"/", "/"},
		"ok/plain":                      {"/api/robots/r1", "/api/robots/r1"},
		"ok/slash at the end":           {"/door/", "/door/"},
		"ok/query is not judged":        {"/door?/../x=%2F;%00", "/door"},
		"ok/empty query":                {"/door?", "/door"},
		"ok/second question mark":       {"/door?a?b", "/door"},
		"ok/space":                      {"/my%20robot", "/my%20robot"},
		"ok/plus":                       {"/front+door", "/front+door"},
		"ok/P3 hex in lower case":       {"/caf%c3%a9", "/caf%c3%a9"},
		"ok/P3 hex in upper case":       {"/caf%C3%A9", "/caf%C3%A9"},
		"ok/raw UTF-8":                  {"/café", "/caf%C3%A9"},
		"ok/P4 escaped reserved":        {"/a%2Bb%40c%3A%21%2a", "/a%2Bb%40c%3A%21%2a"},
		"ok/P13 reserved as it is":      {"/!$&'()*+,=:@[]", "/!$&'()*+,=:@[]"},
		"ok/unreserved":                 {"/-._~a", "/-._~a"},
		"ok/quote is escaped by Go":     {`/a"b`, "/a%22b"},
		"ok/leading dot":                {"/.well-known/x", "/.well-known/x"},
		"ok/dots inside":                {"/v1..2/a.b", "/v1..2/a.b"},
		"ok/Japanese with fullwidth":    {"/%E4%BD%95%EF%BC%9F", "/%E4%BD%95%EF%BC%9F"},
		"ok/emoji joined by ZWJ":        {"/👩‍🚀", "/%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80"},
		"ok/decomposed":                 {"/cafe%CC%81", "/cafe%CC%81"},
		"ok/replacement character":      {"/%EF%BF%BD", "/%EF%BF%BD"},
		"ok/absolute form of this host": {"http://bot.test/door", "/door"},
		"ok/P6 host in mixed case":      {"http://BOT.test/door", "/door"},
		"ok/absolute form without path": {"http://bot.test", "/"},
		"ok/P17 no header is looked at": {"/door HTTP/1.1\r\nX-Forwarded-Uri: /x\r\nX-Original-Url: /x\r\nA:", "/door"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, err := ParseTarget(get(t, c.target))
			if err != nil || target != (Target{Method: http.MethodGet, Path: c.path}) {
				t.Errorf("got %+v, %v, want path %q", target, err, c.path)
			}
		})
	}
}

func TestRefusesAmbiguousTarget(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]string{
		"deny/P1 dot segments":              "/public/../secret",
		"deny/P1 dot segment":               "/./secret",
		"deny/P1 dot segments at the end":   "/public/..",
		"deny/P2 encoded dots":              "/public/%2e%2e/secret",
		"deny/P2 one encoded dot":           "/public/.%2E/secret",
		"deny/P2 encoded dots and slash":    "/public/%2e%2e%2fsecret",
		"deny/P3 escaped slash":             "/public/..%2Fsecret",
		"deny/P3 escaped slash, lower case": "/public%2fsecret",
		"deny/P5 escaped question mark":     "/public%3Fx/secret",
		"deny/P5 the same in lower case":    "/public%3fsecret",
		"deny/P9 backslash":                 `/public\..\secret`,
		"deny/P9 escaped backslash":         "/public%5csecret",
		"deny/P9 dot at the end":            "/secret.",
		"deny/P9 dot before a slash":        "/secret./x",
		"deny/P9 three dots":                "/.../secret",
		"deny/P9 space at the end":          "/secret%20",
		"deny/P9 space before a slash":      "/secret%20/x",
		"deny/P9 dots and a space":          "/..%20/secret",
		"deny/P9 no-break space":            "/secret%C2%A0",
		"deny/space in front":               "/%20secret",
		"deny/byte order mark in front":     "/%EF%BB%BFsecret",
		"deny/ideographic space":            "/x/%E3%80%80/secret",
		"deny/P11 empty segment":            "/public//secret",
		"deny/P11 two slashes in front":     "//secret",
		"deny/P11 two slashes at the end":   "/secret//",
		"deny/P11 escaped slashes":          "/%2F%2fsecret",
		"deny/P12 fragment":                 "/secret#/public",
		"deny/P12 fragment in the query":    "/secret?x#/public",
		"deny/P13 escaped semicolon":        "/secret%3Bx",
		"deny/P13 semicolon":                "/secret;x=1",
		"deny/P13 dots with a parameter":    "/public/..;/secret",
		"deny/P13 escaped percent":          "/secret%25",
		"deny/P16 escaped number sign":      "/secret%23/public",
		"deny/P18 vector 1":                 "/public/..%2fsecret",
		"deny/P18 vector 2":                 "/public/%2e%2e/secret",
		"deny/P18 encoded twice":            "/public/%252e%252e/secret",
		"deny/encoded twice, raw quote":     `/secret"%252e`,
		"deny/escaped letter":               "/un%6Cock-secret",
		"deny/escaped digit":                "/servo/%39",
		"deny/escaped tilde":                "/%7Esecret",
		"deny/escaped hyphen, underscore":   "/a%2Db%5fsecret",
		"deny/NUL":                          "/secret%00",
		"deny/line feed":                    "/secret%0A",
		"deny/tab":                          "/secret%09x",
		"deny/DEL":                          "/secret%7F",
		"deny/C1":                           "/secret%C2%85x",
		"deny/stray continuation byte":      "/secret%80",
		"deny/raw stray byte":               "/secret\x80",
		"deny/cut short":                    "/secret%C3",
		"deny/cut short before a slash":     "/secret%E2%82/x",
		"deny/overlong slash":               "/public%C0%AFsecret",
		"deny/overlong dot":                 "/%C0%AE%C0%AE/secret",
		"deny/overlong in four bytes":       "/%F0%80%80%AFsecret",
		"deny/half of a surrogate pair":     "/%ED%A0%80secret",
		"deny/beyond Unicode":               "/%F4%90%80%80secret",
		"deny/escaped slash that Go undoes": `/public"%2Fsecret`,
		"deny/escaped dots that Go undoes":  "/é%2E%2Fsecret",
		"deny/opaque":                       "http:secret",
		"deny/scheme without host":          "http:/secret",
		"deny/another scheme":               "ftp://bot.test/secret",
		"deny/user":                         "http://secret@bot.test/",
		"deny/asterisk":                     "*",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseTarget(get(t, target))
			wantReason(t, err, deny.AmbiguousTarget)
		})
	}
}

// net/http replaces Host with the authority of an absolute target (RFC 9112 §3.2.2), so the two differ only when
// somebody changed one of them since.
func TestP6_RefusesAbsoluteTargetForAnotherHost(t *testing.T) {
	t.Parallel()
	for host, ok := range map[string]bool{
		"bot.test": true, "BOT.TEST": true, "bot.test.": false, "bot.test:80": false, "other.test": false, "": false,
		"bot.te\u017ft": false,
	} {
		r := get(t, "http://bot.test/secret")
		r.Host = host
		if _, err := ParseTarget(r); !ok {
			wantReason(t, err, deny.AmbiguousTarget)
		} else if err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
}

func TestJudgesPathAfterRewrite(t *testing.T) {
	t.Parallel()
	r := get(t, "/api/caf%c3%a9")
	r.URL.Path = "/robot 1/move"
	if target, err := ParseTarget(r); err != nil || target.Path != "/robot%201/move" {
		t.Errorf("RawPath left behind: got %+v, %v", target, err)
	}
	r.URL.Path, r.URL.RawPath = "/public/../secret", ""
	_, err := ParseTarget(r)
	wantReason(t, err, deny.AmbiguousTarget)
	r.URL.Path, r.URL.Opaque = "/a", "//secret/b"
	_, err = ParseTarget(r)
	wantReason(t, err, deny.AmbiguousTarget)
	r.URL.Opaque = ""
	r.URL.Path, r.URL.RawPath = "/a/b", "/a%2Fb"
	_, err = ParseTarget(r)
	wantReason(t, err, deny.AmbiguousTarget)
}

func TestRefusesSpaceInQueryOfHTTP2(t *testing.T) {
	t.Parallel()
	r := get(t, "/door")
	r.URL.RawQuery = "x HTTP/1.1"
	_, err := ParseTarget(r)
	wantReason(t, err, deny.AmbiguousTarget)
}

func TestLenientPathIsStillAPath(t *testing.T) {
	t.Parallel()
	lenient := Reading{LenientPath: true}
	for _, target := range []string{"/a//b", "/a%2Fb", "/a;x", "/un%6Cock", "/a/../b", "/%ff"} {
		if got, err := lenient.ParseTarget(get(t, target)); err != nil || got.Path != target {
			t.Errorf("%s: got %+v, %v", target, got, err)
		}
	}
	for _, target := range []string{"*", "http:secret", "ftp://bot.test/secret", "/secret?#x"} {
		_, err := lenient.ParseTarget(get(t, target))
		wantReason(t, err, deny.AmbiguousTarget)
	}
	_, err := lenient.ParseTarget(receive(t, "GET / HTTP/1.1\r\nHost: b\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"))
	wantReason(t, err, deny.ForeignUpgrade)
}

func TestMethods(t *testing.T) {
	t.Parallel()
	read := func(method string) (Target, error) {
		return ParseTarget(receive(t, method+" /secret HTTP/1.1\r\nHost: bot.test\r\nX-HTTP-Method-Override: GET\r\n\r\n"))
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		if target, err := read(method); err != nil || target.Method != method {
			t.Errorf("%s: got %+v, %v", method, target, err)
		}
	}
	if target, err := read("HEAD"); err != nil || target.Method != http.MethodGet {
		t.Errorf("HEAD: got %+v, %v", target, err)
	}
	for _, method := range []string{"get", "GeT", "P10", "TRACE", "WS", "ws", "*", "PRI", "PROPFIND"} {
		_, err := read(method)
		wantReason(t, err, deny.NoRule)
	}
}

func TestMarksEarlyData(t *testing.T) {
	t.Parallel()
	r := get(t, "/door")
	r.TLS = &tls.ConnectionState{}
	if target, err := ParseTarget(r); err != nil || !target.EarlyData {
		t.Errorf("during the handshake: got %+v, %v", target, err)
	}
	r.TLS.HandshakeComplete = true
	if target, err := ParseTarget(r); err != nil || target.EarlyData {
		t.Errorf("after the handshake: got %+v, %v", target, err)
	}
}
