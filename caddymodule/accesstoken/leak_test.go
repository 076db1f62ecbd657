package accesstoken_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

// tellsNothing demands that an error, which is logged, holds no piece of the token, and none of what its parts say:
// whoever sends a token must not choose what stands in a log.
func tellsNothing(t testing.TB, err error, token string) {
	t.Helper()
	text := err.Error()
	for part := range strings.SplitSeq(token, ".") {
		decoded, _ := base64.RawURLEncoding.DecodeString(part) // as far as it goes
		for _, secret := range append(values(string(decoded)), part) {
			for i := 0; i+8 <= len(secret); i++ {
				if strings.Contains(text, secret[i:i+8]) {
					t.Fatalf("the error %q quotes %q of the token", text, secret[i:i+8])
				}
			}
		}
	}
}

// values are the strings of a JSON text but those that are names of members, and the runs between strings: numbers.
func values(text string) []string {
	pieces := strings.Split(text, `"`)
	var all []string
	for i, piece := range pieces {
		if i+1 < len(pieces) && strings.HasPrefix(pieces[i+1], ":") {
			continue
		}
		all = append(all, piece)
	}
	return all
}
