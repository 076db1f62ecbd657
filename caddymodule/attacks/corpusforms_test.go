package attacks_test

import (
	"net/url"
	"strings"
)

// surrounded puts something before the path or behind it.
func surrounded(path string) (altered []string) {
	for _, behind := range []string{
		"/", "//", "///", "/.", "/./", "/..", "/../", "/x/..", "/x/../", "/%2e", "/%2e/", "/x/%2e%2e", "/x%2f..", "/%2f", "/%5c", `\`, `\.`, `/\`, "%2f", "%2F", "%5c",
		".", "..", "...", "./", "%2e", "%2E", "%2e/", "%252e", ". ", ".%20", "%20", "%20%20", "%20/", "/%20", " ", "  ", "\t", "%09", "+", "+/", "/+", "%2b", "_",
		"%00", "%00/", "%00.html", "\x00", "%0a", "%0d", "%0d%0a", "%01", "%7f", "%85", "%a0", "%c2%85", "%c2%a0", "%e3%80%80", "%e2%80%a8", "%ef%bb%bf", "%ff", "\xff", "%c0%80",
		";", ";/", ";x", ";x=1", ";jsessionid=1", "%3b", "%3bx", "/;", "/;x", "?", "?x", "?x=1", "?/", "??", "?/../..", "?x#y", "%3f", "%3fx", "%3F", "#", "#x", "#/", "#?x", "%23", "%23x",
		"&", "&x=1", "=", ":", ":80", "::$DATA", "~", "~1", "!", "*", "%2a", "$", "|", "'", "\"", "`", "^", "{}", "[]", "%", "%%", "%2", "%zz", "@", ",", "?a b", "?a\tb", "?%00", "?\xff",
	} {
		altered = append(altered, path+behind)
	}
	for _, before := range []string{
		"/", "//", "///", "/.", "/./", "/..", "/../..", "/../../..", "/x/..", "/x/y/../..", "/%2e", "/%2e%2e", "/%2e.", "/.%2e", "/x/%2e%2e", "/x/..%2f..", "/x%2f..", "/x%2F..", "/x/..;", "/..;",
		"/;", "/;x", "/x;/..", `\`, `/\`, `\\`, `/..\`, "%2f", "%2F", "/%2f", "%5c", "/%5c", "/%252e%252e", "/%25%32%65%25%32%65", "/%c0%ae%c0%ae", "/..%c0%af", "/..%00", "/%00", "%00", "/ ", "/%20", "/+",
		" ", ".", "..", "./", "../", "*", "@", ":", ":80", "?", "/?", "?x=", "#", "/#", "/%23", "/%3f", "//..", "//x/..", "//x/../", "/.//", "/...", "/..../..", "/~", "/%ff", "/\xff/..", "/%ef%bb%bf", "\ufeff",
		"/status/..", "/status/%2e%2e", "/status/..%2f..", "/status%2f..", "/status;/..", "/status?", "/status?x=", "/status#", "/status%23/..", "/status%3f/..", `/status\..`, "/status/../healthz/..",
		"/healthz/..", "/healthz/%2e%2e", "/healthz%2f..", "/healthz;/..", "/healthz?", "/healthz#", "/healthz%00/..", "/healthz/..;", "/healthz//..", `/healthz\..`, "/healthz/..%5c..", "/healthz/.%2e",
	} {
		altered = append(altered, before+path)
	}
	return altered
}

// restarted drops the slash at the front, or puts the path where something else is looked for.
func restarted(path string) []string {
	bare := strings.TrimPrefix(path, "/")
	return []string{
		bare, "./" + bare, `\` + bare, "%2f" + bare, "%2F" + bare, "/status?path=" + path, "/status?url=" + url.QueryEscape(path), "/healthz?" + path, "/healthz#" + path,
		"/healthz/..%2f" + bare, "/healthz/..%5c" + bare, `/healthz/..\` + bare, "/status/..%2F" + bare, "/status/..%252f" + bare, "/healthz%0d%0a" + path,
		"/index.php" + path, "/." + bare, "/" + bare + "/" + bare, "/-" + path, "/_" + path, "/@" + path, "/$" + path,
	}
}

// whole changes every character at once.
func whole(path string) []string {
	var escaped, twice, wide, flipped strings.Builder
	for i, c := range characters(path) {
		wide.WriteRune(rune(octet(c)) + 0xfee0)
		if c == "/" {
			escaped.WriteString(c)
			twice.WriteString(c)
			flipped.WriteString(c)
			continue
		}
		escaped.WriteString(percent(string(rune(octet(c)))))
		twice.WriteString("%25" + percent(string(rune(octet(c))))[1:])
		if i%2 == 0 {
			c = strings.ToUpper(c)
		}
		flipped.WriteString(c)
	}
	slashed := strings.ReplaceAll(path, "/", "%2f")
	return []string{
		escaped.String(), twice.String(), flipped.String(), wide.String(), slashed, "/" + slashed, strings.ToUpper(path), percent(path), "/" + percent(path), url.QueryEscape(path),
		url.PathEscape(path), strings.ReplaceAll(path, "/", "//"), strings.ReplaceAll(path, "/", `\`), strings.ReplaceAll(path, "/", "/./"), strings.ReplaceAll(path, "%20", "+"),
		strings.ReplaceAll(path, "%20", "%2b"), strings.ReplaceAll(path, "%20", "%2520"), strings.ReplaceAll(path, "/", "/;/"), strings.ReplaceAll(path, "/", ";/"),
		strings.ToUpper(path[:min(2, len(path))]) + path[min(2, len(path)):], strings.Map(turn, path),
		strings.NewReplacer("ss", "ß", "st", "ﬆ", "fi", "ﬁ").Replace(path), strings.NewReplacer("ss", "ẞ", "fi", "%EF%AC%81", "st", "%ef%ac%85").Replace(path),
	}
}

// turn is c with Unicode letters that fold to it.
func turn(c rune) rune {
	switch c {
	case 's':
		return 'ſ'
	case 'k':
		return '\u212a'
	case 'i':
		return 'İ'
	}
	return c
}

// absolute names a host in the target.
func absolute(path string) (altered []string) {
	for _, origin := range []string{
		"http://{host}", "HTTP://{host}", "https://{host}", "http://other.test", "http://127.0.0.1", "http://localhost", "http://u@{host}", "http://u:p@{host}", "http://other.test@{host}",
		"http://{host}@other.test", "http://{host}.", "http://{host}:80", "http:", "http:/", "http://", "http:///", "//{host}", "///{host}", "//other.test", `http:\\{host}`, "ftp://{host}",
		"ws://{host}", "file://", "http://{host}#", "http://{host}?", "http://{host}/status/..", "http://{host}/healthz#", "http://{host}/healthz?", "http://{host}//", "http://{host}/.", " http://{host}",
		"/http://{host}", "/https:/{host}", "x:", "javascript:", "%68ttp://{host}", "http%3a//{host}", "{host}", "http://[::1]", "http://{host}%00", "http://{host};", "http://{host}%2f",
	} {
		altered = append(altered, origin+path)
	}
	return altered
}
