package attacks_test

import (
	"os"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }
