package caddymodule_test

import (
	"os"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(clientURL) != "" {
		os.Exit(clientMain())
	}
	os.Exit(latchtest.Main(m))
}
