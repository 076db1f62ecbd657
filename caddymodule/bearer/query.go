package bearer

import (
	"errors"
	"net/url"
	"strings"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

// queryParameter is the name of RFC 6750 §2.3.
const queryParameter = "access_token"

var errNoQueryToken = errors.New("the access_token of the query is not one b64token, percent-encoded")

// parameter is what a raw query holds of access_token.
type parameter struct {
	tokens int    // how many there are, in every spelling that some server understands
	plain  int    // how many of them are spelled access_token=, between ampersands
	value  string // of the last plain one, as it was sent
}

// readQuery looks for tokens in a raw query. Names are decoded first, and ";" separates too: some servers read
// `;access_token=` and `access%5Ftoken=` as the real thing.
func readQuery(raw string) (p parameter) {
	if !InQuery(raw) {
		return p
	}
	for pair := range strings.FieldsFuncSeq(raw, isSeparator) {
		if isTokenPair(pair) {
			p.tokens++
		}
	}
	for pair := range strings.SplitSeq(raw, "&") {
		if value, ok := strings.CutPrefix(pair, queryParameter+"="); ok && !strings.Contains(value, ";") {
			p.plain++
			p.value = value
		}
	}
	return p
}

// token is the plain one.
func (p parameter) token() (string, error) {
	token, err := url.QueryUnescape(p.value)
	if err != nil || !isB64Token(token) {
		return "", deny.Because(deny.MalformedCredentials, errNoQueryToken)
	}
	return token, nil
}

// InQuery reports whether a raw query carries a token, in whatever spelling and whether it counts or not.
func InQuery(raw string) bool {
	if !strings.Contains(raw, queryParameter) && !strings.Contains(raw, "%") {
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

// WithoutToken is a raw query without its access_token parameters; the others keep their spelling and their separator.
func WithoutToken(raw string) string {
	if !InQuery(raw) {
		return raw
	}
	var b strings.Builder
	for raw != "" {
		end := strings.IndexFunc(raw, isSeparator)
		pair, rest, separator := raw, "", ""
		if end >= 0 {
			pair, separator, rest = raw[:end], raw[end:end+1], raw[end+1:]
		}
		if !isTokenPair(pair) {
			b.WriteString(pair + separator)
		}
		raw = rest
	}
	return strings.TrimRight(b.String(), "&;")
}
