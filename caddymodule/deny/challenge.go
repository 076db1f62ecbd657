package deny

import "strings"

// challenge is the WWW-Authenticate value of a row (RFC 6750 §3, RFC 9728 §5.1), or "" for a row without one. Nothing
// in it comes from the request: scopes are the rule's, and every attribute stands once.
func (r Realm) challenge(reason Reason, scopes []string) string {
	row := &table[reason]
	if !row.challenge {
		return ""
	}
	var b strings.Builder
	b.WriteString("Bearer realm=" + quoted(r.Name))
	if row.code != "" {
		b.WriteString(`, error="` + row.code + `"`)
	}
	// RFC 6750 §3.1: a request without credentials is not told an error code; it is told what to come back with.
	if row.scope && len(scopes) > 0 {
		b.WriteString(`, scope="` + strings.Join(scopes, " ") + `"`)
	} else if row.code != "" && row.code != insufficientScope {
		b.WriteString(`, error_description="` + row.detail + `"`)
	}
	if r.ResourceMetadata != "" {
		b.WriteString(", resource_metadata=" + quoted(r.ResourceMetadata))
	}
	return b.String()
}

// quoted is the quoted-string form of RFC 9110 §5.6.4.
func quoted(s string) string { return `"` + escaped.Replace(s) + `"` }

var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// ValidScope reports whether s is a scope-token of RFC 6749 §3.3, and so can stand in a challenge as it is.
func ValidScope(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x21 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}
