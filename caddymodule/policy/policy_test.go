package policy

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
)

// rule is one as the Caddyfile writes it: "POST,PUT /a /b scope x", "public GET /a", with a word of each condition.
func rule(line string) *Rule {
	words := strings.Fields(line)
	r := &Rule{}
	if words[0] == "public" {
		r.Public, words = true, words[1:]
	}
	r.Methods, words = strings.Split(words[0], ","), words[1:]
	for len(words) > 0 && strings.HasPrefix(words[0], "/") {
		r.Paths, words = append(r.Paths, words[0]), words[1:]
	}
	for len(words) > 0 {
		switch words[0] {
		case "any_token":
			r.AnyToken, words = true, words[1:]
			continue
		case "once":
			r.Once, words = true, words[1:]
			continue
		case "scope":
			r.Scope = strings.Split(words[1], ",")
		case "any_scope":
			r.AnyScope = strings.Split(words[1], ",")
		case "claim":
			name, values, _ := strings.Cut(words[1], "=")
			r.Claim = map[string][]string{name: strings.Split(values, ",")}
		case "issued_within":
			d, err := ParseDuration(words[1])
			if err != nil {
				panic(err)
			}
			r.IssuedWithin = d
		default:
			panic(words[0])
		}
		words = words[2:]
	}
	return r
}

// compile makes a policy of lines.
func compile(lines ...string) (*Policy, error) {
	rules := make([]*Rule, len(lines))
	for i, line := range lines {
		rules[i] = rule(line)
	}
	return New(rules)
}

// lock is the policy of the examples: a door, stock Gobot, a rover.
func lock(t testing.TB) *Policy {
	t.Helper()
	p, err := compile(
		"public GET /healthz",
		"POST /api/door/unlock scope door:unlock",
		"GET /front+door scope door:unlock",
		"* /api/commands/* /api/robots/*/commands/* /api/robots/*/devices/*/commands/* scope robot:command",
		"GET /api/robots/** scope robot:observe",
		"GET,WS /drive /drive/ scope rover:drive",
		"GET,POST /** any_scope admin,root",
	)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRuleTable(t *testing.T) {
	t.Parallel()
	p := lock(t)
	const passes = deny.NumReasons
	for _, c := range []struct {
		method, path, scope string
		want                deny.Reason
	}{
		{"GET", "/healthz", "", passes},
		{"POST", "/api/door/unlock", "door:unlock", passes},
		{"POST", "/api/door/unlock", "door:unlock2", deny.InsufficientScope},
		{"POST", "/api/door/unlock", "admin", deny.InsufficientScope},
		{"POST", "/api/door/unlock", "", deny.InsufficientScope},
		{"GET", "/front+door", "door:unlock", passes},
		{"GET", "/api/commands/move", "robot:command", passes},
		{"OPTIONS", "/api/robots/r1/commands/move", "robot:command", passes},
		{"DELETE", "/api/robots/r1/devices/led/commands/on", "robot:command", passes},
		{"GET", "/api/robots/r1/commands/move", "robot:observe", deny.InsufficientScope},
		{"GET", "/api/robots/r1/devices/led", "robot:observe", passes},
		{"GET", "/api/robots/", "robot:observe", passes},
		{"GET", "/api/robots/r1/devices/led/commands", "robot:observe", passes},
		{"WS", "/drive", "rover:drive", passes},
		{"GET", "/drive/", "rover:drive", passes},
		{"WS", "/drive", "admin", deny.InsufficientScope},
		{"GET", "/other", "root", passes},
		{"POST", "/", "admin", passes},
		{"GET", "/other", "rover:drive", deny.InsufficientScope},

		// Variants: never the last rule, whoever asks.
		{"GET", "/Healthz", "admin", deny.AmbiguousTarget},
		{"GET", "/healthz/", "admin", deny.AmbiguousTarget},
		{"POST", "/api/door/UNLOCK", "admin", deny.AmbiguousTarget},
		{"POST", "/API/door/unlock", "door:unlock", deny.AmbiguousTarget},
		{"POST", "/api/door/unlock/", "admin", deny.AmbiguousTarget},
		{"POST", "/api/door/unloc%E2%84%AA", "admin", deny.AmbiguousTarget},
		{"GET", "/front%20door", "admin", deny.AmbiguousTarget},
		{"GET", "/front%2Bdoor", "admin", deny.AmbiguousTarget},
		{"GET", "/api/Robots/r1/commands/move", "admin", deny.AmbiguousTarget},
		{"GET", "/api/robots/r1/commands/move/", "robot:observe", deny.AmbiguousTarget},
		{"GET", "/API/robots", "admin", deny.AmbiguousTarget},

		// Another method is another rule's, or nobody's.
		{"GET", "/api/door/unlock", "door:unlock", deny.InsufficientScope},
		{"POST", "/healthz", "", deny.InsufficientScope},
		{"PUT", "/healthz", "admin", deny.NoRule},
		{"WS", "/api/commands/move", "robot:command", deny.NoRule},
		{"WS", "/other", "admin", deny.NoRule},
		{"OPTIONS", "/api/door/unlock", "door:unlock", deny.NoRule},
		{"HEAD", "/healthz", "", deny.NoRule},
		{"", "/healthz", "", deny.NoRule},
		{"*", "/api/commands/move", "robot:command", deny.NoRule},
	} {
		r, err := p.Match(Target{Method: c.method, Path: c.path})
		if err == nil {
			err = r.Permit(&accesstoken.Token{Scopes: strings.Fields(c.scope)}, time.Time{})
		} else if r != nil {
			t.Errorf("%s %s: a rule beside an error", c.method, c.path)
		}
		if got := deny.ReasonOf(err); err == nil && c.want != passes || err != nil && got != c.want {
			t.Errorf("%s %s with %q: got %v, want row %d", c.method, c.path, c.scope, err, c.want)
		}
	}
}

func TestEarlyDataReachesPublicRulesAlone(t *testing.T) {
	t.Parallel()
	p := lock(t)
	if _, err := p.Match(Target{Method: http.MethodGet, Path: "/healthz", EarlyData: true}); err != nil {
		t.Error(err)
	}
	for path, want := range map[string]deny.Reason{
		"/drive": deny.EarlyData, "/": deny.EarlyData, "/Drive": deny.AmbiguousTarget,
	} {
		_, err := p.Match(Target{Method: http.MethodGet, Path: path, EarlyData: true})
		wantReason(t, err, want)
	}
	_, err := p.Match(Target{Method: http.MethodPut, Path: "/", EarlyData: true})
	wantReason(t, err, deny.NoRule)
}
