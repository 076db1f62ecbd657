package statuslist

import (
	"errors"
	"net/url"
	"strings"
)

// maxURI bounds the URI of a list, bytes.
const maxURI = 512

// prefix is what an operator allows: https://host[:port][/path], without a slash at its end.
type prefix string

// parsePrefix reads a prefix. It is held to the same form as what it is compared with.
func parsePrefix(s string) (prefix, error) {
	if !plain(s) {
		return "", errors.New("a prefix of status lists is https://host/path: a host in lower case, no userinfo, query, " +
			"fragment or escape, and no segment that is empty or made of dots")
	}
	return prefix(strings.TrimSuffix(s, "/")), nil
}

// covers reports whether uri lies at the prefix or below it, by whole segments. Both are compared as they are spelled: a
// host in upper case or a port that could be left out does not fit, and an issuer that means it spells it as it is
// configured.
func (p prefix) covers(uri string) bool {
	rest, ok := strings.CutPrefix(uri, string(p))
	return ok && (rest == "" || rest[0] == '/') && plain(uri)
}

// plain reports whether s is an https URL that every parser reads in one way: no userinfo, query, fragment, escape or
// backslash, no segment that is empty, "." or "..", and a host in lower case.
func plain(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok || len(s) > maxURI || strings.ContainsFunc(rest, odd) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Hostname() == "" || strings.HasSuffix(u.Host, ":") || strings.ToLower(u.Host) != u.Host {
		return false
	}
	host, path, _ := strings.Cut(rest, "/")
	if host != u.Host {
		return false
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(path, "/"), "/") {
		if segment == "." || segment == ".." || segment == "" && path != "" {
			return false
		}
	}
	return true
}

// odd reports whether r may not stand in the URI of a list.
func odd(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune(`@?#%\;"<>^{}|`+"`", r)
}
