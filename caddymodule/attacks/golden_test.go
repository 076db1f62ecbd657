package attacks_test

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Pieces of requests. Every field of ours stands in hostile in several spellings, and what passes of the rest is in the
// golden file by name: cookies and keys of the bot's own, too, which are no business of the latch.
const (
	asDriver = "Host: {host}\nUser-Agent: probe\nAuthorization: Bearer {driver}\n"
	upgrade  = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"
	browser  = "Accept: text/html\nAccept-Encoding: gzip\nAccept-Language: en\nCookie: session=of-the-bot\nOrigin: http://{host}\n" +
		"Referer: http://{host}/open\nSec-Fetch-Site: same-origin\nX-Api-Key: of-the-bot\nX-Requested-With: fetch\n"
	tricks = "Connection: close, X-Bot-Subject, x_operator, Accept-Language\nProxy-Connection: X-Bot-Subject\nKeep-Alive: timeout=5\n" +
		"TE: trailers, gzip\nProxy-Authenticate: forged\nVia: 1.0 before\nX-Forwarded-For: forged\nX-Forwarded-For: forged\n" +
		"X-Forwarded-Proto: forged\nX-Forwarded-Host: forged\nFolded: in one\n line\nFolded: twice\nExpect: 100-continue\nAccept: */*\n"
)

// hostile is every field of ours in four spellings.
func hostile() string {
	var fields []string
	for _, spell := range []func(string) string{
		strings.Clone, strings.ToLower,
		func(name string) string { return strings.ReplaceAll(strings.ToUpper(name), "-", "_") },
		func(name string) string { return strings.Replace(name, "-", ".", 1) },
	} {
		fields = append(fields, forge(ours, spell)...)
	}
	return strings.Join(fields, "\n") + "\n"
}

// goldenCases are what is sent on a plain connection, in the order of the golden file.
var goldenCases = []struct{ name, wire string }{
	{"under a rule for tokens", "GET /servo/10?speed=3 HTTP/1.1\n" + asDriver + "\n"},
	{"without a user agent", "GET /servo/10 HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n\n"},
	{"under a public rule", "GET /open?access_token={driver}&a=1 HTTP/1.1\n" + asDriver + "\n"},
	{"HEAD", "HEAD /open HTTP/1.1\n" + asDriver + "\n"},
	{"HTTP/1.0", "GET /servo/10 HTTP/1.0\n" + asDriver + "\n"},
	{"a body", "POST /servo/10 HTTP/1.1\n" + asDriver + "Content-Type: text/plain\nContent-Length: 2\n\nok"},
	{"a body in chunks, with trailers", "POST /servo/10 HTTP/1.1\n" + asDriver +
		"TE: trailers\nTrailer: X-Sum, X-Bot-Subject\nTransfer-Encoding: chunked\n\n2;x=forged\nok\n0\nX-Sum: forged\nX-Bot-Subject: forged\n\n"},
	{"a body of two lengths", "POST /servo/10 HTTP/1.1\n" + asDriver + "Content-Length: 3\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n"},
	{"a WebSocket", "GET /drive HTTP/1.1\n" + asDriver + upgrade + "Sec-WebSocket-Protocol: mqtt\n\n"},
	{"a public WebSocket with tokens", "GET /feed?access_token={driver} HTTP/1.1\n" + asDriver + upgrade +
		"Sec-WebSocket-Protocol: mqtt, botlatch.bearer, {driver}\nSec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.{driver}\n\n"},
	{"a page", "GET /servo/10 HTTP/1.1\n" + asDriver + browser + "\n"},
	{"hostile", "GET /servo/10 HTTP/1.1\n" + asDriver + tricks + hostile() + "\n"},
	{"hostile, under a public rule", "GET /open HTTP/1.1\nHost: {host}\n" + tricks + hostile() + "\n"},
	{"a hostile WebSocket", "GET /drive HTTP/1.1\n" + asDriver + upgrade + "Connection: X-Bot-Subject, x-operator\n" + hostile() + "\n"},
}

// TestWhatTheBotReceivesIsListedWhole compares each request as the bot got it, byte for byte, with the golden file. A
// field more, from us, from a client or from Caddy, must be written there first.
func TestWhatTheBotReceivesIsListedWhole(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile("testdata/headers.golden")
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for section := range strings.SplitSeq("\n"+string(golden), "\n=== ") {
		name, text, _ := strings.Cut(section, "\n")
		want[name] = strings.TrimRight(text, "\n")
	}
	delete(want, "")
	s := newTapped(t, tapSites)
	for _, c := range goldenCases {
		s.golden(t, want, c.name, s.hears(t, c.wire))
	}
	s.golden(t, want, "HTTP/2", s.overHTTP2(t, "/servo/10", ""))
	s.golden(t, want, "hostile, over HTTP/2", s.overHTTP2(t, "/servo/10", hostile()+"te: trailers\nx-forwarded-for: forged\ncookie: a=1\ncookie: b=2\n"))
	for name := range want {
		t.Errorf("the golden file has %q, which nothing sends", name)
	}
}

// golden compares what the bot heard with a section, and takes that out.
func (s *tapped) golden(t *testing.T, want map[string]string, name, heard string) {
	t.Helper()
	if regexp.MustCompile(`eyJ|(?i)bearer|forged`).MatchString(heard) {
		t.Errorf("%s: the bot heard a token or a lie", name)
	}
	tlsHost := strings.TrimPrefix(s.latch.TLSURL, "https://")
	text := strings.NewReplacer(" \r\n", "\n", "\r\n", "\n", s.host(), "{host}", tlsHost, "{tls host}").Replace(heard)
	if text = strings.TrimRight(text, "\n"); text != want[name] {
		t.Errorf("the bot heard what is not in testdata/headers.golden:\n=== %s\n%s\n", name, text)
	}
	delete(want, name)
}

// overHTTP2 sends fields in lower case on a connection of HTTP/2 and returns what the bot heard.
func (s *tapped) overHTTP2(t *testing.T, path, fields string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.latch.TLSURL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(fields) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		name = strings.ToLower(name)
		if !slices.Contains(req.Header[name], value) {
			req.Header[name] = append(req.Header[name], value)
		}
	}
	req.Header.Set("Authorization", "Bearer "+s.driver(t))
	req.Header.Set("User-Agent", "probe")
	before := len(s.bot.all())
	res, err := s.latch.TLSClient(false).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	all := s.bot.all()
	if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 || len(all) != before+1 {
		t.Fatalf("%s %d, and the bot heard %d requests", res.Proto, res.StatusCode, len(all)-before)
	}
	return all[before]
}

// TestFieldsThatTwoParsersReadDifferentlyAreRefused: none of these may reach the bot, whoever sends it.
func TestFieldsThatTwoParsersReadDifferentlyAreRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t, options+site)
	const get, post = "GET {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n", "POST {act} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {driver}\n"
	var attacks []attack
	for field, status := range map[string]int{
		"X-Bot-Subject : forged": 400, "X-Bot-Subject\t: forged": 400, ": forged": 400, "X Bot Subject: forged": 400, "X-Bot-Subject": 400,
		"X-Bot\x00Subject: forged": 400, "X-Bot-Subject\x0b: forged": 400, "X-Bot\u00adSubject: forged": 400, "(X-Bot-Subject): forged": 400,
		"X-Other: a\x00b": 400, "X-Other: a\rX-Bot-Subject: forged": 400, "Authorization : Bearer x": 400, "Host : evil": 400,
	} {
		attacks = append(attacks, attack{field, get + field + "\n\n", status})
	}
	for field, status := range map[string]int{
		"Transfer-Encoding : chunked": 400, "Transfer-Encoding: xchunked": 501, "Transfer-Encoding: gzip, chunked": 501,
		"Transfer-Encoding: chunked\nTransfer-Encoding: identity": 501, "Transfer-Encoding: \x0bchunked": 400, "Transfer-Encoding: chunked, chunked": 501,
		"Content-Length: +2": 400, "Content-Length: 2, 2": 400, "Content-Length: 0x2": 400, "Content-Length: -1": 400, "Content-Length: 2\nContent-Length: 3": 400,
		"Content-Length : 2": 400, "Content-Length: 2 ;": 400,
	} {
		attacks = append(attacks, attack{field, post + field + "\n\n2\nok\n0\n\n", status})
	}
	attacks = append(attacks,
		attack{"a space before the first field", "GET {act} HTTP/1.1\n X-Bot-Subject: forged\nHost: {host}\nAuthorization: Bearer {driver}\n\n", 400},
		attack{"no host", "GET {act} HTTP/1.1\nAuthorization: Bearer {driver}\n\n", 400})
	s.refuses(t, attacks...)
}
