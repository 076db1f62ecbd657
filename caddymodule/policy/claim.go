package policy

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// find is the claim of that name, or nil. A name with a slash in front is a JSON Pointer, through objects only: an
// index into an array means nothing on which a rule could rely.
func find(claims map[string]any, name string) any {
	path, deep := strings.CutPrefix(name, "/")
	if !deep {
		return claims[name]
	}
	for {
		member, rest, more := strings.Cut(path, "/")
		value := claims[strings.ReplaceAll(strings.ReplaceAll(member, "~1", "/"), "~0", "~")] // RFC 6901 §4: in this order
		if !more {
			return value
		}
		claims, _ = value.(map[string]any) // nil, which has no members, when it is not an object
		path = rest
	}
}

// holds reports whether a claim is one of values, or an array with one of them. Literally: a pattern or a substring
// would let anybody in who may choose his own name.
func holds(claim any, values []string) bool {
	if array, ok := claim.([]any); ok {
		return slices.ContainsFunc(array, func(element any) bool { return is(element, values) })
	}
	return is(claim, values)
}

// is compares one JSON value that is neither an array nor an object.
func is(value any, values []string) bool {
	switch v := value.(type) {
	case string:
		return slices.Contains(values, v)
	case bool:
		return slices.Contains(values, strconv.FormatBool(v))
	case json.Number:
		return slices.Contains(values, v.String())
	}
	return false
}

// checkClaim refuses a condition that cannot be met, or that an unresolved value would have emptied.
func checkClaim(name string, values []string) error {
	unescaped := strings.NewReplacer("~0", "", "~1", "").Replace(name)
	switch {
	case name == "" || name == "/":
		return errors.New("claim without a name")
	case strings.HasPrefix(name, "/") && strings.Contains(unescaped, "~"):
		return errors.New("claim " + strconv.Quote(name) + ": in a JSON Pointer write ~0 for a tilde")
	case len(values) == 0:
		return errors.New("claim " + strconv.Quote(name) + ": names no value")
	case slices.Contains(values, ""):
		return errors.New("claim " + strconv.Quote(name) + ": an empty value")
	}
	return nil
}
