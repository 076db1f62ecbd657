package bearer

import (
	"net/url"
	"strings"
)

// queryParameter is the name of RFC 6750 §2.3.
const queryParameter = "access_token"

// Subprotocols that carry a token: the form of Kubernetes, and our marker, behind which the token stands.
const (
	kubernetesPrefix = "base64url.bearer.authorization.k8s.io."
	marker           = "botlatch.bearer"
)

// inQuery reports whether a raw query carries a token. Names are decoded first, and ";" separates too: some servers
// read `;access_token=` and `access%5Ftoken=` as the real thing.
func inQuery(raw string) bool {
	if !strings.ContainsRune(raw, '=') && !strings.Contains(raw, queryParameter) {
		return false
	}
	for pair := range strings.FieldsFuncSeq(raw, isSeparator) {
		if isTokenPair(pair) {
			return true
		}
	}
	return false
}

func isSeparator(r rune) bool { return r == '&' || r == ';' }

func isTokenPair(pair string) bool {
	name, _, _ := strings.Cut(pair, "=")
	if decoded, err := url.QueryUnescape(name); err == nil {
		name = decoded
	}
	return name == queryParameter
}

// inSubprotocols reports whether Sec-WebSocket-Protocol fields carry a token.
func inSubprotocols(fields []string) bool {
	for _, field := range fields {
		for p := range strings.SplitSeq(field, ",") {
			if isTokenSubprotocol(strings.Trim(p, " \t")) {
				return true
			}
		}
	}
	return false
}

func isTokenSubprotocol(p string) bool {
	return strings.HasPrefix(p, kubernetesPrefix) || p == marker
}
