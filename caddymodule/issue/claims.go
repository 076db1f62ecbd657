package issue

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// claims are those that t names.
func (t Token) claims() (map[string]any, error) {
	if t.Subject == "" {
		return nil, errors.New("a token needs a subject (RFC 9068 §2.2)")
	}
	if t.ClientID == "" {
		t.ClientID = t.Subject
	}
	for _, s := range append([]string{t.Issuer, t.Subject, t.ClientID}, t.Audience...) {
		// encoding/json would write another value in its place.
		if !utf8.ValidString(s) {
			return nil, errors.New("a claim is not UTF-8")
		}
	}
	claims := map[string]any{"sub": t.Subject, "client_id": t.ClientID}
	if t.Issuer != "" {
		claims["iss"] = t.Issuer
	}
	for _, a := range t.Audience {
		if a == "" {
			return nil, errors.New("an audience is empty")
		}
	}
	switch len(t.Audience) {
	case 0:
	case 1:
		claims["aud"] = t.Audience[0] // RFC 7519 §4.1.3: some readers take nothing else
	default:
		claims["aud"] = t.Audience
	}
	for _, s := range t.Scope {
		if !scopeToken(s) {
			return nil, errors.New("a scope is empty, or has a space, quote, backslash or a character beyond ASCII (RFC 6749 §3.3)")
		}
	}
	if len(t.Scope) > 0 {
		claims["scope"] = strings.Join(t.Scope, " ")
	}
	return claims, nil
}

// scopeToken is RFC 6749 §3.3: 1*( %x21 / %x23-5B / %x5D-7E ).
func scopeToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x21 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}
