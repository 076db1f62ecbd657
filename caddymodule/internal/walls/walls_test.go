package walls_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const (
	module  = "github.com/botlatch/botlatch"
	roof    = module + "/caddymodule"
	jwxPath = "github.com/lestrrat-go/jwx"
)

// rooms is the whole house below caddymodule, rooms to come included. A package that has no line here fails the test:
// a new room first decides which walls bind it.
var rooms = []string{
	"accesstoken", "admin", "app", "attacks", "bearer", "cmd/caddy", "command", "cors", "deny", "doctor", "door", "door/oidc",
	"internal/poolref", "internal/walls", "issue", "jose", "keysource", "latchtest", "panel", "policy", "remote",
	"revocation", "revocation/boltstore", "revocation/filestore", "revocation/redisstore", "session", "statuslist",
	"stream",
}

// A wall keeps the packages it binds from importing something. Patterns are import paths; "x/..." is x and all below.
type wall struct {
	name   string
	binds  []string
	spares []string // packages that binds names and the wall does not bind
	never  []string
	unless []string // what never names and may be imported all the same
	files  []string // the only files that may import it, as package path and file name
	reach  bool     // through other packages too; otherwise a direct import, on any platform
}

var walls = []wall{
	{
		name: "no Caddy in a room of logic", reach: true, never: []string{"github.com/caddyserver/..."},
		binds: below("cors", "deny", "jose", "remote", "revocation", "accesstoken", "bearer", "policy", "stream", "keysource",
			"statuslist", "issue", "session", "door", "door/oidc", "panel", "doctor"),
	},
	{
		name:  "the ground floor imports no room of ours",
		binds: below("cors", "deny", "jose", "remote", "revocation", "doctor"), never: []string{module + "/..."},
	},
	{
		name:  "a store imports revocation and nothing else of ours",
		binds: below("revocation/..."), spares: below("revocation"),
		never: []string{module + "/..."}, unless: below("revocation"),
	},
	{
		// jwx/v2 is no longer maintained: leaving it must be the work of an afternoon.
		name: "jwx in jose/jwk.go and jose/sign.go only", binds: []string{module + "/..."},
		never: []string{jwxPath + "/..."}, files: below("jose/jwk.go", "jose/sign.go"),
	},
	{
		name: "admin imports neither command nor the handler", reach: true,
		binds: below("admin"), never: append(below("command"), roof),
	},
	{
		// A command talks to a running latch through the admin API only.
		name: "command imports neither app, admin nor the handler", reach: true,
		binds: below("command"), never: append(below("app", "admin"), roof),
	},
	{
		name: "the module never reaches gobot", reach: true,
		binds: []string{roof + "/..."}, never: []string{"gobot.io/...", module + "/botapi/..."},
	},
	{
		name: "oauth2 and go-oidc in door/oidc only", binds: []string{module + "/..."},
		spares: append(below("door/oidc"), module+"/examples/..."),
		never:  []string{"golang.org/x/oauth2/...", "github.com/coreos/go-oidc/..."},
	},
	{
		name: "qrterminal in command only", binds: []string{module + "/..."}, spares: below("command"),
		never: []string{"github.com/mdp/qrterminal/..."},
	},
	{
		name: "botapi never imports the latch", reach: true,
		binds: []string{module + "/botapi/..."}, never: []string{roof + "/..."},
	},
	{
		name: "nothing that ships imports latchtest", reach: true, binds: []string{module + "/..."},
		spares: append(below("latchtest", "attacks"), module+"/examples/..."), never: below("latchtest"),
	},
}

func TestWallsStand(t *testing.T) {
	t.Parallel()
	house := load(t)
	for _, breach := range breaches(walls, house) {
		t.Error(breach)
	}
	for _, p := range house {
		room, inside := strings.CutPrefix(p.path, roof+"/")
		if inside && !slices.Contains(rooms, room) {
			t.Errorf("%s is no room of the house: give it a line and its walls in walls_test.go", p.path)
		}
	}
}

func TestWallsNameRoomsOfTheHouse(t *testing.T) {
	t.Parallel()
	for _, w := range walls {
		for _, p := range slices.Concat(w.binds, w.spares, w.unless) {
			room, inside := strings.CutPrefix(p, roof+"/")
			room = strings.TrimSuffix(room, "/...")
			if inside && room != "..." && !slices.Contains(rooms, room) {
				t.Errorf("%s: %s is no room of the house", w.name, p)
			}
		}
	}
}

// breaches reports each import that goes through a wall.
func breaches(walls []wall, house []pkg) []string {
	var found []string
	for _, w := range walls {
		for _, p := range house {
			if !match(w.binds, p.path) || match(w.spares, p.path) {
				continue
			}
			for _, way := range w.through(p) {
				found = append(found, fmt.Sprintf("%s: %s", w.name, way))
			}
		}
	}
	return found
}

// through tells in which ways p goes through the wall.
func (w wall) through(p pkg) []string {
	var ways []string
	for _, f := range p.files {
		if slices.Contains(w.files, p.path+"/"+f.name) {
			continue
		}
		for _, path := range f.imports {
			if w.forbids(path) {
				ways = append(ways, fmt.Sprintf("%s/%s imports %s", p.path, f.name, path))
			}
		}
	}
	if w.reach {
		for _, path := range p.deps {
			if w.forbids(path) {
				ways = append(ways, fmt.Sprintf("%s reaches %s", p.path, path))
			}
		}
	}
	return ways
}

func (w wall) forbids(path string) bool { return match(w.never, path) && !match(w.unless, path) }

// match reports whether one of the patterns names path.
func match(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		top, tree := strings.CutSuffix(p, "/...")
		return path == top || tree && strings.HasPrefix(path, top+"/")
	})
}

// below gives the import paths of rooms.
func below(rooms ...string) []string {
	paths := make([]string, len(rooms))
	for i, room := range rooms {
		paths[i] = roof + "/" + room
	}
	return paths
}
