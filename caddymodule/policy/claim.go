package policy

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// find is the claim of that name, or nil. A name with a slash in front is a JSON Pointer.
func find(claims jose.Object, name string) any {
	path, deep := strings.CutPrefix(name, "/")
	if !deep {
		return claims[name]
	}
	object := map[string]any(claims)
	for {
		member, rest, more := strings.Cut(path, "/")
		value := object[strings.ReplaceAll(strings.ReplaceAll(member, "~1", "/"), "~0", "~")] // RFC 6901 §4: in this order
		if !more {
			return value
		}
		switch v := value.(type) {
		case map[string]any:
			object = v
		case jose.Object:
			object = v
		default:
			return nil // an index into an array means nothing that a rule could rely on
		}
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
	case int64:
		return slices.Contains(values, strconv.FormatInt(v, 10))
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
