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
// descendants fold them, so X_Auth.User sets what X-Auth-User says. The names stand folded, by their first byte.
type headerNames [256][]headerName

// headerName is a name of the set; an open one stands for every name that begins with it.
type headerName struct {
	folded string
	open   bool
}

// newHeaderNames is the fields that never pass, and more.
func newHeaderNames(more []string) (*headerNames, error) {
	n := new(headerNames)
	for _, name := range slices.Concat(lying, identities, more) {
		folded := make([]byte, len(name))
		for i := range len(name) {
			folded[i] = fold(name[i])
		}
		text, open := strings.CutSuffix(string(folded), "*")
		if strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || text == "" {
			return nil, fmt.Errorf("identity_headers: %q is no field name, with a star at most at its end", name)
		}
		n[text[0]] = append(n[text[0]], headerName{text, open})
	}
	return n, nil
}

// fold is c without what CGI does not tell apart.
func fold(c byte) byte {
	switch {
	case c == '_' || c == '.':
		return '-'
	case c >= 'A' && c <= 'Z':
		return c + 'a' - 'A'
	}
	return c
}

// has reports whether name is in the set.
func (n *headerNames) has(name string) bool {
	return name != "" && slices.ContainsFunc(n[fold(name[0])], func(h headerName) bool { return h.fits(name) })
}

func (h headerName) fits(name string) bool {
	if len(name) < len(h.folded) || len(name) > len(h.folded) && !h.open {
		return false
	}
	for i := range len(h.folded) {
		if fold(name[i]) != h.folded[i] {
			return false
		}
	}
	return true
}

// remove takes the fields out of r's header, and out of Connection, which would make the proxy drop a field of that name
// that is set later. Trailers all go.
func (n *headerNames) remove(r *http.Request) {
	for name := range r.Header {
		if n.has(name) {
			delete(r.Header, name)
		}
	}
	if fields := r.Header["Connection"]; len(fields) > 0 {
		n.removeOptions(r.Header, fields)
	}
	// A trailer comes behind the body, with names that nobody announced, and the proxy sends on what it finds by then:
	// Authorization and all that was just taken out. A gateway may discard it (RFC 9110 §6.5.1).
	r.Trailer = nil
}

// removeOptions takes the names out of the Connection fields.
func (n *headerNames) removeOptions(h http.Header, fields []string) {
	var kept []string
	for name := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		if name = strings.Trim(name, " \t"); name != "" && !n.has(name) {
			kept = append(kept, name)
		}
	}
	if len(kept) == 0 {
		delete(h, "Connection")
		return
	}
	h["Connection"] = []string{strings.Join(kept, ", ")}
}
