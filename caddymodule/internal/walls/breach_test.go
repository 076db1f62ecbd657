package walls_test

import (
	"slices"
	"strings"
	"testing"
)

const (
	caddy = "github.com/caddyserver/caddy/v2"
	jwk   = "github.com/lestrrat-go/jwx/v2/jwk"
	gobot = "gobot.io/x/gobot/v2"
)

// A breach is one package that goes through the wall, in each way that the wall is there for.
type breach struct {
	room string // below caddymodule; with a leading slash: below the module
	file string // imports path in this file; empty: only reaches it
	path string
}

// breached has at least one breach for every wall. The rooms are written out again, so that a room that is lost from
// the table is missed here.
var breached = map[string][]breach{
	"no Caddy in a room of logic": {
		{room: "cors", path: caddy},
		{room: "deny", path: caddy},
		{room: "jose", path: caddy},
		{room: "remote", path: caddy},
		{room: "revocation", path: caddy},
		{room: "accesstoken", path: caddy},
		{room: "bearer", path: caddy},
		{room: "policy", path: caddy},
		{room: "stream", path: caddy},
		{room: "keysource", path: caddy},
		{room: "statuslist", path: caddy},
		{room: "issue", path: caddy},
		{room: "session", path: caddy},
		{room: "door", path: caddy},
		{room: "door/oidc", path: caddy},
		{room: "panel", path: caddy},
		{room: "doctor", path: caddy},
		{room: "policy", file: "rule.go", path: caddy + "/modules/caddyhttp"},
		{room: "jose", file: "key_windows.go", path: "github.com/caddyserver/certmagic"},
	},
	"the ground floor imports no room of ours": {
		{room: "deny", file: "reason.go", path: roof + "/jose"},
		{room: "cors", file: "cors.go", path: roof + "/policy"},
		{room: "jose", file: "key.go", path: roof + "/deny"},
		{room: "remote", file: "fetch.go", path: roof + "/deny"},
		{room: "doctor", file: "rules.go", path: roof + "/policy"},
		{room: "revocation", file: "list.go", path: roof + "/internal/poolref"},
		{room: "deny", file: "reason.go", path: roof},
		{room: "deny", file: "reason.go", path: module + "/botapi"},
	},
	"a store imports revocation and nothing else of ours": {
		{room: "revocation/boltstore", file: "store.go", path: roof + "/app"},
		{room: "revocation/filestore", file: "store.go", path: roof + "/deny"},
		{room: "revocation/redisstore", file: "store.go", path: roof + "/revocation/boltstore"},
	},
	"jwx in jose/jwk.go and jose/sign.go only": {
		{room: "jose", file: "key.go", path: jwk},
		{room: "jose", file: "jwk_linux.go", path: jwk},
		{room: "keysource", file: "jwk.go", path: jwk},
		{room: "issue", file: "sign.go", path: jwxPath + "/v3/jws"},
		{room: "/botapi", file: "bot.go", path: jwk},
		{room: "/examples/quickstart", file: "main.go", path: jwk},
	},
	"admin imports neither command nor the handler": {
		{room: "admin", file: "admin.go", path: roof + "/command"},
		{room: "admin", file: "admin.go", path: roof},
		{room: "admin", path: roof + "/command"},
		{room: "admin", path: roof},
	},
	"command imports neither app, admin nor the handler": {
		{room: "command", file: "revoke.go", path: roof + "/app"},
		{room: "command", path: roof + "/app"},
		{room: "command", file: "revoke.go", path: roof + "/admin"},
		{room: "command", path: roof + "/admin"},
		{room: "command", file: "revoke.go", path: roof},
		{room: "command", path: roof},
	},
	"the module never reaches gobot": {
		{room: "app", path: gobot},
		{room: "cmd/caddy", path: gobot + "/drivers/gpio"},
		{room: "latchtest", path: gobot},
		{room: "latchtest", file: "latch.go", path: module + "/botapi/sim"},
	},
	"oauth2 and go-oidc in door/oidc only": {
		{room: "door", file: "door.go", path: "golang.org/x/oauth2"},
		{room: "keysource", file: "discovery.go", path: "github.com/coreos/go-oidc/v3/oidc"},
		{room: "/botapi", file: "bot.go", path: "golang.org/x/oauth2/clientcredentials"},
	},
	"qrterminal in command only": {
		{room: "door", file: "invite.go", path: "github.com/mdp/qrterminal/v3"},
		{room: "/botapi/cmd/botapi", file: "main.go", path: "github.com/mdp/qrterminal/v3"},
	},
	"botapi never imports the latch": {
		{room: "/botapi", file: "bot.go", path: roof}, {room: "/botapi/sim", path: roof + "/deny"},
	},
	"nothing that ships imports latchtest": {
		{room: "app", file: "app.go", path: roof + "/latchtest"},
		{room: "cmd/caddy", path: roof + "/latchtest"},
		{room: "/botapi/cmd/botapi", path: roof + "/latchtest"},
	},
}

func TestEveryWallIsSeenToFail(t *testing.T) {
	t.Parallel()
	for _, w := range walls {
		if len(breached[w.name]) == 0 {
			t.Errorf("%s: nobody tried to go through it", w.name)
		}
		for _, b := range breached[w.name] {
			reported := slices.ContainsFunc(breaches(walls, []pkg{b.pkg()}), func(s string) bool {
				return strings.HasPrefix(s, w.name+": ") && strings.HasSuffix(s, " "+b.path)
			})
			if !reported {
				t.Errorf("%s: %+v went through unseen", w.name, b)
			}
		}
	}
	for name := range breached {
		if !slices.ContainsFunc(walls, func(w wall) bool { return w.name == name }) {
			t.Errorf("%s: there is no such wall", name)
		}
	}
}

func TestWallsLetThroughWhatMayPass(t *testing.T) {
	t.Parallel()
	for _, b := range []breach{
		{room: "jose", file: "jwk.go", path: jwk},
		{room: "jose", file: "sign.go", path: jwk},
		{room: "revocation/boltstore", file: "store.go", path: roof + "/revocation"},
		{room: "revocation/boltstore", file: "module.go", path: caddy},
		{room: "command", file: "token.go", path: roof + "/issue"},
		{room: "admin", file: "admin.go", path: roof + "/app"},
		{room: "command", file: "proxy.go", path: "github.com/mdp/qrterminal/v3"},
		{room: "door/oidc", file: "flow.go", path: "golang.org/x/oauth2"},
		{room: "policy", file: "rule.go", path: roof + "/accesstoken"},
		{room: "app", file: "app.go", path: caddy},
		{room: "deny", file: "reason.go", path: "github.com/caddyserverless/x"},
		{room: "/botapi", file: "bot.go", path: gobot},
		{room: "/examples/quickstart", file: "main.go", path: gobot},
		{room: "/examples/quickstart", file: "main.go", path: roof + "/latchtest"},
		{room: "attacks", file: "bots.go", path: roof + "/latchtest"},
	} {
		for _, s := range breaches(walls, []pkg{b.pkg()}) {
			t.Errorf("%+v may pass: %s", b, s)
		}
	}
}

// pkg builds the package that commits the breach.
func (b breach) pkg() pkg {
	p := pkg{path: roof + "/" + b.room, deps: []string{"errors", b.path}}
	if strings.HasPrefix(b.room, "/") {
		p.path = module + b.room
	}
	if b.file != "" {
		p.files = []file{{name: "doc.go"}, {name: b.file, imports: []string{"errors", b.path}}}
	}
	return p
}
