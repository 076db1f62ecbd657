package latchtest

import (
	"os"
	"os/exec"
	"testing"
)

// Need skips the test when a program is not on the PATH. Where CI=true says that everything is installed it fails.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not on the PATH", program)
		}
		t.Skipf("skipped: %s is not on the PATH", program)
	}
}
