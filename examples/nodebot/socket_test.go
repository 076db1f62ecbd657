package nodebot_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

const socketSite = `{
	admin {$ADMIN}
}
http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		issuer me {
			keys static {$KEYS}
			audience rover
		}
		public WS /public
		allow WS /rover /plain scope drive
	}
	reverse_proxy {$BOT}
}
`

// socketed is what socket.js prints.
type socketed struct {
	Protocol, Echo string
	Status         int
	Error          string
}

// TestNodeOpensAWebSocketWithATokenAmongItsSubprotocols uses the ws of npm on both sides. Like a browser, its client fails a
// handshake that selects nothing of what it offered.
func TestNodeOpensAWebSocketWithATokenAmongItsSubprotocols(t *testing.T) {
	t.Parallel()
	dir := program.Install(t)
	b := startProgram(t, dir, "socketbot.js")
	key := latchtest.NewKey(t, jose.EdDSA)
	latch := latchtest.Start(t, socketSite, "BOT="+strings.TrimPrefix(b.url, "http://"), "KEYS="+key.File)
	driver := key.Mint(t, issue.Token{Issuer: "me", Subject: "x", Audience: []string{"rover"}, Scope: []string{"drive"}})
	other := key.Mint(t, issue.Token{Issuer: "me", Subject: "x", Audience: []string{"rover"}, Scope: []string{"watch"}})
	for name, c := range map[string]struct {
		args, token string
		want        socketed
		offered     string // what the bot was offered
	}{
		"ok/marker":                    {"/plain marker", driver, socketed{Protocol: "botlatch.bearer", Echo: "hello"}, ""},
		"ok/marker, bot selects":       {"/rover marker mqtt rover", driver, socketed{Protocol: "rover", Echo: "hello"}, "mqtt, rover"},
		"ok/marker, bot selects none":  {"/plain marker rover", driver, socketed{Protocol: "botlatch.bearer", Echo: "hello"}, "rover"},
		"ok/marker, public":            {"/public marker", "x", socketed{Protocol: "botlatch.bearer", Echo: "hello"}, ""},
		"ok/kubernetes, bot selects":   {"/rover kubernetes rover", driver, socketed{Protocol: "rover", Echo: "hello"}, "rover"},
		"deny/kubernetes alone":        {"/rover kubernetes", driver, socketed{Status: http.StatusBadRequest}, ""},
		"deny/none":                    {"/rover none rover", driver, socketed{Status: http.StatusUnauthorized}, ""},
		"deny/marker, no scope":        {"/rover marker rover", other, socketed{Status: http.StatusForbidden}, ""},
		"deny/kubernetes, no scope":    {"/rover kubernetes rover", other, socketed{Status: http.StatusForbidden}, ""},
		"deny/marker, signature cut":   {"/rover marker rover", driver[:len(driver)-4], socketed{Status: http.StatusUnauthorized}, ""},
		"deny/ws wants what it offers": {"/plain kubernetes rover", driver, socketed{Error: "Server sent no subprotocol"}, "rover"},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(b.lines(t))
			if got := socket(t, dir, latch, c.token, strings.Fields(c.args)); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if c.want.Status != 0 {
				if reached := b.lines(t)[before:]; len(reached) > 0 {
					t.Errorf("the bot was reached: %+v", reached)
				}
				return
			}
			path, _, _ := strings.Cut(c.args, " ")
			b.await(t, func(l line) bool { return l.Request == "WS "+path })
			for _, l := range b.lines(t)[before:] {
				if l.Offered != c.offered || l.Field != "" {
					t.Errorf("the bot was offered %q", l.Offered)
				}
			}
		})
	}
}

// socket runs the client.
func socket(t *testing.T, dir string, latch *latchtest.Latch, token string, args []string) (got socketed) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args[0] = strings.Replace(latch.URL, "http:", "ws:", 1) + args[0]
	command := exec.CommandContext(ctx, "node", append([]string{"socket.js"}, args...)...)
	command.Dir, command.Env, command.WaitDelay = dir, []string{"PATH=" + os.Getenv("PATH"), "BOT_TOKEN=" + token}, time.Second
	out, err := command.CombinedOutput()
	if err == nil {
		err = json.Unmarshal(out, &got)
	}
	if err != nil {
		t.Fatalf("node socket.js: %v\n%s", err, out)
	}
	return got
}
