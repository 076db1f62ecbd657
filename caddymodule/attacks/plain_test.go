package attacks_test

import (
	"fmt"
	"strings"
	"testing"
)

// names are segments as ordinary clients write them.
var names = []string{
	"door", "Door", "CamelCase", "UPPER", "a", "0", "42", "007", "-1", "3.14", "v1.2.3", "2026-11-24", "2026-11-24T14:30:00Z", "12:30", "1e-3", "0x1F",
	"archive.tar.gz", ".well-known", ".hidden", "a..b", "index.html", "picture.JPG", "no_extension", "kebab-case", "snake_case", "~ana", "a~b", "-", "_", "~", "__init__",
	"hey!", "!", "it's", "f(x)", "(1)", "a,b", "key=value", "a=", "=", "ana@home", "@ana", "salt&pepper", "$100", "a:b:c", "urn:bot:arm", "a+b", "1+1=2", "[1]", "a[0]", "%5B1%5D",
	"my%20robot", "a%20b%20c", "a%20-%20b", "two%20%20spaces", "50%C2%B0", "caf%C3%A9", "caf%c3%a9s", "stra%C3%9Fe", "%C3%89t%C3%A9", "na%C3%AFve", "e%CC%81", "%E4%BD%95", "%E9%97%A8%E9%94%81",
	"%D0%B4%D0%B2%D0%B5%D1%80%D1%8C", "%D7%A9%D7%9C%D7%95%D7%9D", "%E0%A4%A8%E0%A4%AE", "%F0%9F%A4%96", "%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80", "%EF%BD%93ervo", "%22quoted%22", "%3Ctag%3E", "a%7Cb",
	"%7Bid%7D", "%5Ehat", "%60tick", "a%2Bb", "a%26b", "a%3Db", "a%40b", "a%3Ab", "a%2Cb", "a%21", "a%24b", "%28x%29", "it%27s", "%2A", strings.Repeat("long", 500), "%C3%A4%20%C3%B6",
}

// queries are what may stand behind a path, whatever the rules say about it.
var queries = []string{
	"?", "??", "?x", "?x=", "?x=1", "?x=1&y=2", "?x=1&x=2", "?a=b=c", "?=", "?&", "?a&&b", "?q=my+robot", "?q=my%20robot", "?q=caf%C3%A9", "?q=%2F..%2Fdoor", "?path=/../door", "?url=http://a.test/b?c=d",
	"?a[]=1&a[]=2", "?a;b", "?{\"on\":true}", "?x=100%25", "?%zz", "?x=%", "?t=1732458600.5", "?callback=f(x)", "?a/b//c", "?\\", "?é", "?token_type=x", "?" + strings.Repeat("x", 2000), "?'", "?|^`<>",
}

// plain are paths that are written plainly.
func plain() (paths []string) {
	for _, n := range names {
		paths = append(paths, "/"+n, "/files/"+n, "/rooms/"+n+"/door", "/"+n+"/")
	}
	return append(paths, "/many"+strings.Repeat("/segments", 200), "/*", "/files/a*b", "/**")
}

// TestEveryPlainlyWrittenTargetReachesTheBot: a rule that names it lets it through, and only with its scope; so does one
// that names nothing. The bot gets it byte for byte.
func TestEveryPlainlyWrittenTargetReachesTheBot(t *testing.T) {
	t.Parallel()
	paths := plain()
	var named []string
	for _, p := range paths {
		if !strings.Contains(p, "*") { // which a rule writes %2A, and that is another spelling
			named = append(named, p)
		}
	}
	s := newStage(t, options+`http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow GET `+strings.Join(named, " ")+` scope drive
		allow GET /** scope observe
	}
	reverse_proxy {$BOT}
}
http://broad.test:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow GET /** scope drive
	}
	reverse_proxy {$BOT}
}
`)
	port := s.address()[strings.LastIndexByte(s.address(), ':'):]
	driver, observer, gun := s.token(t, "drive"), s.token(t, "observe"), &gun{address: s.address()}
	defer gun.close()
	ask := func(host, token, target string, want int) {
		t.Helper()
		before := s.bot.Hits()
		status, err := gun.fire("GET", fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", target, host, token))
		switch {
		case err != nil || status != want:
			t.Errorf("%s %.80s: status %d, want %d (%v)", host, target, status, want, err)
		case want == 200 && (s.bot.Hits() != before+1 || s.bot.Last().RequestURI != target):
			t.Errorf("%s %.80s: the bot got %d requests, the last for %.80s", host, target, s.bot.Hits()-before, s.bot.Last().RequestURI)
		case want != 200 && s.bot.Hits() != before:
			t.Errorf("%s %.80s: the bot was reached", host, target)
		}
	}
	for _, p := range named {
		ask(s.address(), driver, p, 200)
		ask(s.address(), observer, p, 403)
	}
	for _, p := range paths {
		ask("broad.test"+port, driver, p, 200)
	}
	for _, q := range queries {
		ask(s.address(), driver, "/door"+q, 200)
		ask(s.address(), observer, "/door"+q, 403)
		ask("broad.test"+port, driver, "/caf%C3%A9/"+q, 200)
	}
	if len(paths) < 200 {
		t.Errorf("%d paths, want 200", len(paths))
	}
}
