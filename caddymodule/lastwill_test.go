package caddymodule_test

import (
	"strings"
	"testing"
)

// TestAStarOfALastWillNeedsStrictPaths: a segment such as x%2f..%2f.. would take the request elsewhere.
func TestAStarOfALastWillNeedsStrictPaths(t *testing.T) {
	for name, c := range map[string]struct{ option, will string }{
		"ok/strict, starred":    {"", "POST /rovers/*/stop"},
		"ok/lenient, without":   {"insecure_lenient_path", "POST /stop?why=*"},
		"deny/lenient, starred": {"insecure_lenient_path", "POST /rovers/*/stop"},
	} {
		t.Run(name, func(t *testing.T) {
			err := validate(t, "http://127.0.0.1:0 {\nbind 127.0.0.1\nbotlatch {\nsecret 0123456789abcdef0123456789abcdef\n"+c.option+
				"\nallow WS /rovers/*/drive any_token {\nlast_will "+c.will+"\n}\n}\n}\n")
			switch {
			case strings.HasPrefix(name, "ok/") && err != nil:
				t.Error(err)
			case strings.HasPrefix(name, "deny/") && (err == nil || !strings.Contains(err.Error(), "insecure_lenient_path")):
				t.Errorf("error %v", err)
			}
		})
	}
}
