package main

import (
	"strings"
	"testing"
)

// TestLockHasNoAddresses keeps the lock file free of download addresses, so that any registry will do.
func TestLockHasNoAddresses(t *testing.T) {
	t.Parallel()
	lock, err := expressSource.ReadFile("express/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) || !strings.Contains(string(lock), `"integrity"`) {
		t.Error("package-lock.json: resolved addresses, or no integrity; npm must read the .npmrc of its folder")
	}
}
