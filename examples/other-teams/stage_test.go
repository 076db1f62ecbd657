// Package otherteams_test runs two teams' bots behind one latch, each with a real OpenID provider of its own.
package otherteams_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

func TestMain(m *testing.M) { os.Exit(latchtest.Main(m)) }

// patience bounds each wait.
const patience = 30 * time.Second

// stage is two teams and the latch that both share.
type stage struct {
	latch       *latchtest.Latch
	arms, locks *team
}

// newStage starts the example.
func newStage(t *testing.T) *stage {
	t.Helper()
	s := prepareStage(t)
	s.latch.Run()
	return s
}

// prepareStage is newStage without the latch.
func prepareStage(t *testing.T) *stage {
	t.Helper()
	latchtest.Need(t, "node", "npm")
	text, err := os.ReadFile("Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{latch: latchtest.Prepare(t, string(text))}
	arms, locks := s.latch.URL, strings.Replace(s.latch.TLSURL, "https://localhost", "http://127.0.0.1", 1)
	s.arms = newTeam(t, arms, locks, request{http.MethodPut, "/api/arm/joints/base"}, "arm:move")
	s.locks = newTeam(t, locks, arms, request{http.MethodPost, "/api/door/unlock"}, "door:unlock")
	s.latch.Setenv("TEAMS_ADMIN", "unix/"+s.latch.Admin+"|0600")
	for name, m := range map[string]*team{"ARMS": s.arms, "LOCKS": s.locks} {
		s.latch.Setenv(name+"_SITE", m.site)
		s.latch.Setenv(name+"_ISSUER", m.issuer)
		s.latch.Setenv(name+"_UPSTREAM", m.bot.Address())
	}
	return s
}

// botlatch runs a command.
func (s *stage) botlatch(t *testing.T, args ...string) {
	t.Helper()
	if _, stderr, code := s.latch.Command(t.Context(), "", append([]string{"botlatch"}, args...)...); code != 0 {
		t.Fatalf("botlatch %q: exit code %d: %s", args, code, stderr)
	}
}
