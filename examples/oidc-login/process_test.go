package login_test

import (
	"os"
	"time"

	"github.com/botlatch/botlatch/examples/uno/npm"
)

// patience bounds each wait.
const patience = 30 * time.Second

// secret is that of the client "lock".
const secret = "test-only-client-secret"

// program is the provider and the bot.
var program = npm.Program{Source: os.DirFS(".")}
