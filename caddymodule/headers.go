package caddymodule

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Header fields that say what a request is, and that some bot believes: another method, another path, another caller.
// None of them passes, in any spelling.
var (
	lying = []string{
		"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override",
		"X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Prefix",
		"Forwarded", "X-Real-IP", "True-Client-IP", "X-Client-IP",
		"DPoP",
	}
	identities = []string{
		"X-Bot-*", "X-User*", "X-Auth-*", "X-Authenticated-*", "X-WebAuth-*", "X-Remote-*", "Remote-*",
		"X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username",
		"X-Consumer-*", "X-Token-*", "X-SSL-*", "SSL-Client-*", "X-Client-Cert*", "Tailscale-*", "Cf-Access-*",
		"X-Pomerium-*", "X-Amzn-Oidc-*", "X-Goog-Authenticated-*", "X-MS-Client-Principal*",
	}
)

// headerNames is a set of field names in which -, _ and . count as one, and so do upper and lower case: CGI and its
// descendants fold them, so X_Auth.User sets what X-Auth-User says.
type headerNames struct {
	exact  map[string]bool
	prefix ['z' + 1][]string // by first byte
}

// maxHeaderName is the longest name in a set, bytes.
const maxHeaderName = 64

// newHeaderNames is the fields that never pass, and more.
func newHeaderNames(more []string) (*headerNames, error) {
	n := &headerNames{exact: make(map[string]bool)}
	for _, name := range slices.Concat(lying, identities, more) {
		folded, open := strings.CutSuffix(string(appendFolded(nil, name)), "*")
		if strings.Trim(folded, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || folded == "" || len(folded) > maxHeaderName {
			return nil, fmt.Errorf("identity_headers: %q is no field name, with a star at most at its end", name)
		}
		if open {
			n.prefix[folded[0]] = append(n.prefix[folded[0]], folded)
		} else {
			n.exact[folded] = true
		}
	}
	return n, nil
}

// appendFolded appends name without what CGI does not tell apart.
func appendFolded(b []byte, name string) []byte {
	for _, c := range []byte(name) {
		switch {
		case c == '_' || c == '.':
			c = '-'
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// has reports whether name is in the set. It is asked about every field of every request, so it allocates nothing.
func (n *headerNames) has(name string) bool {
	var buffer [maxHeaderName + 1]byte // one more, so that no longer name is cut to one of the set
	folded := appendFolded(buffer[:0], name[:min(len(name), len(buffer))])
	if len(folded) == 0 || n.exact[string(folded)] {
		return len(folded) > 0
	}
	if int(folded[0]) >= len(n.prefix) {
		return false
	}
	for _, p := range n.prefix[folded[0]] {
		if len(folded) >= len(p) && string(folded[:len(p)]) == p {
			return true
		}
	}
	return false
}

// remove takes the fields out of r: from its header, from its trailer, and from Connection, which would make the proxy
// drop a field of that name that is set later.
func (n *headerNames) remove(r *http.Request) {
	for name := range r.Header {
		if n.has(name) {
			delete(r.Header, name)
		}
	}
	for name := range r.Trailer {
		if n.has(name) {
			delete(r.Trailer, name)
		}
	}
	for _, list := range [...]string{"Connection", "Trailer"} {
		if fields := r.Header[list]; len(fields) > 0 {
			n.removeFromList(r.Header, list, fields)
		}
	}
}

// removeFromList takes names out of a field that lists field names.
func (n *headerNames) removeFromList(h http.Header, list string, fields []string) {
	var kept []string
	for name := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		if name = strings.Trim(name, " \t"); name != "" && !n.has(name) {
			kept = append(kept, name)
		}
	}
	if len(kept) == 0 {
		delete(h, list)
		return
	}
	h[list] = []string{strings.Join(kept, ", ")}
}
