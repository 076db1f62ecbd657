package jose

import (
	"errors"
	"strings"
)

var (
	errNoName = errors.New("a name is empty")
	errTilde  = errors.New("in a JSON Pointer write ~0 for a tilde")
)

// CheckName refuses a name that At could not follow, or that an unresolved value would have emptied.
func CheckName(name string) error {
	unescaped := strings.NewReplacer("~0", "", "~1", "").Replace(name)
	switch {
	case name == "" || name == "/":
		return errNoName
	case strings.HasPrefix(name, "/") && strings.Contains(unescaped, "~"):
		return errTilde
	}
	return nil
}

// At is the member of that name, and whether there is one. A name with a slash in front is a JSON Pointer (RFC 6901), through
// objects only: an index into an array means nothing on which anybody could rely. What is no object on the way has no members.
func (o Object) At(name string) (value any, present bool) {
	path, deep := strings.CutPrefix(name, "/")
	if !deep {
		value, present = o[name]
		return value, present
	}
	for {
		member, rest, more := strings.Cut(path, "/")
		value, present = o[strings.ReplaceAll(strings.ReplaceAll(member, "~1", "/"), "~0", "~")] // RFC 6901 §4: in this order
		if !more {
			return value, present
		}
		o, _ = value.(map[string]any)
		path = rest
	}
}
