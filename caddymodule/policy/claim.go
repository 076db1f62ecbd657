package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

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
	if name == "" || name == "/" {
		return errors.New("claim without a name")
	}
	if err := jose.CheckName(name); err != nil {
		return fmt.Errorf("claim %q: %w", name, err)
	}
	switch {
	case len(values) == 0:
		return fmt.Errorf("claim %q: names no value", name)
	case slices.Contains(values, ""):
		return fmt.Errorf("claim %q: an empty value", name)
	}
	return nil
}
