package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// LastWill is a request that the latch sends to the bot when the last open request of a rule and path has ended.
type LastWill struct {
	// Method is GET, POST, PUT, PATCH or DELETE. Required.
	Method string `json:"method,omitempty"`

	// Path is where it goes, and may have a query. A `*` between two slashes stands for what the same star of the rule's
	// path stood for: `/rovers/*/stop` with a rule for `/rovers/*/drive`. Required.
	Path string `json:"path,omitempty"`

	// Body is sent as JSON when it is JSON, else as text. Default: none.
	Body string `json:"body,omitempty"`
}

// maxBody bounds the body of a last will, bytes.
const maxBody = 64 << 10

// target is where the last will goes for a request of path, which the rule's pattern fits.
func (l *LastWill) target(pattern, path string) string {
	where, query, found := strings.Cut(l.Path, "?")
	stars := starred(pattern, path)
	segments := strings.Split(where, "/")
	for i, segment := range segments {
		if segment == "*" && len(stars) > 0 {
			segments[i], stars = stars[0], stars[1:]
		}
	}
	target := strings.Join(segments, "/")
	if found {
		target += "?" + query
	}
	return target
}

// Starred reports whether part of the path comes from the client's. nil: no.
func (l *LastWill) Starred() bool {
	if l == nil {
		return false
	}
	where, _, _ := strings.Cut(l.Path, "?")
	return count(strings.Split(where, "/")) > 0
}

// starred are the segments of path that stars of pattern stand for.
func starred(pattern, path string) (stars []string) {
	segments := strings.Split(path, "/")
	for i, segment := range strings.Split(pattern, "/") {
		if segment == "*" && i < len(segments) {
			stars = append(stars, segments[i])
		}
	}
	return stars
}

// check refuses what could not be sent, and what would go elsewhere than it says.
func (l *LastWill) check(paths []string) error {
	m := methodOf(l.Method)
	switch {
	case m == 0 || m == methodWS || m == methodOptions:
		return fmt.Errorf("last_will: method %q is not one of GET POST PUT PATCH DELETE", l.Method)
	case !strings.HasPrefix(l.Path, "/") || strings.HasPrefix(l.Path, "//"):
		return errors.New("last_will: path does not begin with one slash")
	case strings.ContainsFunc(l.Path, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '#' || r == '\\' }):
		return errors.New("last_will: path holds a space, a control character, # or a backslash: escape it")
	case len(l.Body) > maxBody:
		return fmt.Errorf("last_will: body longer than %d bytes", maxBody)
	}
	where, _, _ := strings.Cut(l.Path, "?")
	if _, err := ParsePattern(where); err != nil {
		return fmt.Errorf("last_will: %w", err)
	}
	segments := strings.Split(where, "/")
	if slices.Contains(segments, "**") {
		return errors.New("last_will: ** in the path: where would it go?")
	}
	wanted := count(segments)
	for _, path := range paths {
		if given := count(strings.Split(path, "/")); wanted > given {
			return fmt.Errorf("last_will: path has %d stars, but path %s of the rule has %d", wanted, path, given)
		}
	}
	return nil
}

// count is how many segments are a star.
func count(segments []string) (n int) {
	for _, segment := range segments {
		if segment == "*" {
			n++
		}
	}
	return n
}
