package caddymodule

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Header fields that say what a request is, and that some bot believes: another method, another path, another caller, a
// token that somebody else has verified. None of them passes, in any spelling.
var (
	lying = []string{
		"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-*", "X-Rewrite-URL", "X-Envoy-*",
		"X-Forwarded-*", "Forwarded", "X-Real-IP", "True-Client-IP", "X-Client-IP",
		"Proxy-Authorization", "DPoP",
	}
	identities = []string{
		"X-Bot-*", "X-User*", "X-Auth-*", "X-Authenticated-*", "X-WebAuth-*", "X-Remote-*", "Remote-*",
		"X-Consumer-*", "X-Credential-*", "X-Anonymous-Consumer", "X-Token-*", "X-Authentik-*", "X-Vouch-*",
		"X-Access-Token", "X-ID-Token", "X-Refresh-Token", "X-JWT-*", "Teleport-*",
		"X-SSL-*", "SSL-Client-*", "X-Client-Cert*", "X-ARR-ClientCert", "Tailscale-*", "Cf-Access-*", "X-Pomerium-*",
		"X-Amzn-Oidc-*", "X-Amzn-Mtls-*", "X-Goog-Authenticated-*", "X-Goog-IAP-*", "X-Endpoint-API-*", "X-Apigateway-API-*",
		"X-MS-Client-Principal*", "X-MS-Token-*",
	}
)

// headerNames is a set of field names in which all that is neither letter nor digit counts as one, and so do upper and
// lower case: CGI and its descendants fold them, lighttpd all of them, so X_Auth.User sets what X-Auth-User says. The
// names stand folded, by their first byte.
type headerNames [256][]headerName

// headerName is a name of the set; an open one stands for every name that begins with it.
type headerName struct {
	folded string
	open   bool
}

// newHeaderNames is the fields that never pass, and more.
func newHeaderNames(more []string) (*headerNames, error) {
	const chars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	n := new(headerNames)
	for _, name := range slices.Concat(lying, identities, more) {
		text, open := strings.CutSuffix(name, "*")
		if strings.Trim(text, chars) != "" || text == "" {
			return nil, fmt.Errorf("identity_headers: %q is no field name, with a star at most at its end", name)
		}
		folded := make([]byte, len(text))
		for i := range len(text) {
			folded[i] = fold(text[i])
		}
		n[folded[0]] = append(n[folded[0]], headerName{string(folded), open})
	}
	return n, nil
}

// fold is c without what CGI does not tell apart.
func fold(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c + 'a' - 'A'
	case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		return c
	}
	return '-'
}

// has reports whether name is in the set. The three that Caddy sets anew, unless it trusts who sent them, are not, in
// the one spelling that it looks at.
func (n *headerNames) has(name string) bool {
	switch name {
	case "", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto":
		return false
	}
	return slices.ContainsFunc(n[fold(name[0])], func(h headerName) bool { return h.fits(name) })
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
