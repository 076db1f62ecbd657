package attacks_test

import (
	"os"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestMain(m *testing.M) {
	code := latchtest.Main(m)
	if bareDir != "" {
		_ = os.RemoveAll(bareDir)
	}
	os.Exit(code)
}
