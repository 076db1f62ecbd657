package caddymodule_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// TestTimesOfFetchedKeysThatWouldLeaveThemUnknownOrFloodTheIssuer are errors. In JSON a number is of nanoseconds.
func TestTimesOfFetchedKeysThatWouldLeaveThemUnknownOrFloodTheIssuer(t *testing.T) {
	for name, times := range map[string]string{
		"ok/an hour":                      `"cooldown":"1h"`,
		"ok/a second":                     `"cooldown":"1s","max_stale":"1s"`,
		"deny/a number of nanoseconds":    `"cooldown":30`,
		"deny/max_stale of nanoseconds":   `"max_stale":86400`,
		"deny/negative":                   `"cooldown":"-30s"`,
		"deny/longer than keys are fresh": `"cooldown":"61m"`,
	} {
		t.Run(name, func(t *testing.T) {
			var config caddy.Config
			err := json.Unmarshal(fmt.Appendf(nil, `{"admin":{"disabled":true},"storage":{"module":"file_system","root":%q},"apps":{"botlatch":
				{"issuers":[{"issuer":"https://id.example.com","audience":["a"],"keys":{"discovery":true,%s}}]}}}`, t.TempDir(), times), &config)
			if err != nil {
				t.Fatal(err)
			}
			if err = caddy.Validate(&config); (err == nil) != strings.HasPrefix(name, "ok/") {
				t.Error(err)
			}
		})
	}
}
