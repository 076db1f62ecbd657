package attacks_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/botlatch/botlatch/examples/uno"
)

// gobotBot is examples/gobot, stock Gobot: it tells each command that begins. Where there is Node it drives an emulated
// Uno, whose servo must not move either.
type gobotBot struct {
	*program
	uno   *uno.Uno // nil: the board is simulated
	moved int
}

func startGobotBot(t *testing.T) *gobotBot {
	t.Helper()
	b, board := new(gobotBot), "sim"
	if _, err := exec.LookPath("npm"); err == nil || os.Getenv("CI") == "true" {
		b.uno = uno.Start(t)
		board = b.uno.Address()
	} else {
		t.Log("npm is not on the PATH: the board is a simulated one")
	}
	path := filepath.Join(t.TempDir(), "gobot")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/botlatch/botlatch/examples/gobot").CombinedOutput(); err != nil {
		t.Fatalf("building the bot: %v\n%s", err, out)
	}
	b.program = startProgram(t, exec.CommandContext(t.Context(), path, "-listen", "127.0.0.1:0", "-board", board))
	return b
}

// since is each command that began, and a servo that moved without one.
func (b *gobotBot) since(t *testing.T) (acts []string, reached int) {
	t.Helper()
	last := ""
	for _, l := range b.heard(t) {
		switch {
		case l.Request != "":
			reached, last = reached+1, l.Request
		case l.Act != "":
			acts = append(acts, fmt.Sprintf("%s, about when %s came", l.Act, last))
		}
	}
	if b.uno == nil {
		return acts, reached
	}
	b.uno.Rest(9)
	moves := b.uno.Moves(9)
	if len(acts) == 0 && moves != b.moved || len(acts) > 0 && moves == b.moved {
		t.Errorf("%d commands began, and the servo moved %d times", len(acts), moves-b.moved)
	}
	b.moved = moves
	return acts, reached
}

func TestNoSpellingOfAnActMovesStockGobot(t *testing.T) {
	t.Parallel()
	bot := startGobotBot(t)
	s := newStage(t, guarded(`
	public GET /healthz
	allow GET,POST /api/commands/* /api/robots/front%20door/commands/* /api/robots/front%20door/devices/*/commands/* scope drive
`), "ROUTER="+bot.address)
	s.holds(t, bot, []deed{{"GET", "/api/commands/lock"}, {"GET", "/api/robots/front%20door/commands/unlock"}})
}
