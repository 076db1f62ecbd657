package caddymodule_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/botlatch/botlatch/caddymodule"
)

// update writes what the adapter makes of each file into it: go test ./caddymodule -run TestAdapts -update, and then
// read the difference.
var update = flag.Bool("update", false, "rewrite testdata/adapt")

// separator stands between a Caddyfile and the JSON that it adapts to.
const separator = "----------\n"

func adapt(t *testing.T, caddyfile string) (string, error) {
	t.Helper()
	adapted, warnings, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(caddyfile), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		return "", err
	}
	for _, w := range warnings {
		if !strings.Contains(w.Message, "not formatted") {
			t.Errorf("warning: %s", w)
		}
	}
	var v any
	if err := json.Unmarshal(adapted, &v); err != nil {
		t.Fatal(err)
	}
	pretty, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return string(pretty) + "\n", nil
}

func TestAdaptsToTheJSONInTheFile(t *testing.T) {
	files, err := filepath.Glob("testdata/adapt/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			caddyfile, want, _ := strings.Cut(string(text), separator)
			got, err := adapt(t, caddyfile)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, []byte(caddyfile+separator+got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("adapts to\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// route is what this test reads of a route.
type route struct {
	Match  []map[string]any
	Handle []struct {
		Handler string
		Routes  []route
	}
}

// handlers are the names of all handlers of a route, in the order in which they run.
func (r route) handlers() (names []string) {
	for _, h := range r.Handle {
		names = append(names, h.Handler)
		for _, inner := range h.Routes {
			names = append(names, inner.handlers()...)
		}
	}
	return names
}

// TestStandsBeforeEverythingThatReachesABot looks at the adapted routes in order: whatever the Caddyfile writes first, no
// proxy comes before the latch of its site.
func TestStandsBeforeEverythingThatReachesABot(t *testing.T) {
	for _, name := range []string{"handle", "handle_path", "route", "handle_errors", "import", "tutorial"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", "adapt", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			caddyfile, _, _ := strings.Cut(string(text), separator)
			adapted, err := adapt(t, caddyfile)
			if err != nil {
				t.Fatal(err)
			}
			var config struct {
				Apps struct {
					HTTP struct {
						Servers map[string]struct{ Routes []route }
					}
				}
			}
			if err := json.Unmarshal([]byte(adapted), &config); err != nil {
				t.Fatal(err)
			}
			proxies := 0
			for _, server := range config.Apps.HTTP.Servers {
				latched := false
				for _, r := range server.Routes {
					if len(r.Match) > 0 && r.Match[0]["host"] != nil {
						latched = false // another site
					}
					for _, handler := range r.handlers() {
						latched = latched || handler == "botlatch"
						if handler == "reverse_proxy" {
							proxies++
						}
						if handler == "reverse_proxy" && !latched {
							t.Errorf("a reverse_proxy comes before the latch in\n%s", adapted)
						}
					}
				}
			}
			if proxies == 0 {
				t.Error("no reverse_proxy: the test looked at nothing")
			}
		})
	}
}

func TestRefusesABadCaddyfile(t *testing.T) {
	site := func(block string) string {
		return ":8443 {\n\tbotlatch {\n" + block + "\n\t}\n}\n"
	}
	rules := func(lines string) string { return site("secret {env.S}\n" + lines) }
	for name, c := range map[string]struct{ caddyfile, want string }{
		"matcher":                   {":8443 {\n botlatch /api/* {\n secret x\n }\n}", "takes no matcher"},
		"named matcher":             {":8443 {\n @a path /a\n botlatch @a {\n secret x\n }\n}", "takes no matcher"},
		"unknown word":              {rules("permit GET / any_token"), "unrecognized option 'permit'"},
		"word twice":                {rules("realm a\nrealm b\nallow GET / any_token"), "'realm' stands twice"},
		"metadata on":               {rules("metadata on\nallow GET / any_token"), "metadata takes off alone, not 'on'"},
		"metadata missing":          {rules("metadata\nallow GET / any_token"), "'metadata' needs a value"},
		"metadata of two words":     {rules("metadata off off\nallow GET / any_token"), "'off' is too much"},
		"metadata twice":            {rules("metadata off\nmetadata off\nallow GET / any_token"), "'metadata' stands twice"},
		"two secrets":               {site("secret a\nsecret_base64 b\nallow GET / any_token"), "a site takes one of them"},
		"secret of two words":       {site("secret hush hush\nallow GET / any_token"), "'secret' needs exactly one value"},
		"secret missing":            {site("secret\nallow GET / any_token"), "'secret' needs exactly one value"},
		"secret and keys":           {site("secret a\nkeys static b\nallow GET / any_token"), "a site takes one of them"},
		"keys of a site, none":      {site("keys\nallow GET / any_token"), "'keys' needs a value"},
		"no rules":                  {site("secret x"), "no rules"},
		"no methods":                {rules("allow"), "'allow' needs methods and a path"},
		"no path":                   {rules("allow GET"), "'allow' needs a path"},
		"scope for a path":          {rules("allow GET scope x"), "'allow' needs a path"},
		"no condition":              {rules("allow GET /a"), "allow GET /a"},
		"unknown condition":         {rules("allow GET /a scopes x"), "unrecognized word 'scopes'"},
		"scope without value":       {rules("allow GET /a scope"), "'scope' needs a value"},
		"scope twice":               {rules("allow GET /a scope x scope y"), "'scope' stands twice"},
		"any_token with a value":    {rules("allow GET /a any_token x"), "'x' is too much"},
		"claim without value":       {rules("allow GET /a claim team"), "claim needs a name and a value"},
		"claim twice":               {rules("allow GET /a claim team a claim team b"), "claim 'team' stands twice"},
		"public with a scope":       {rules("public GET /a scope x"), "'scope' in a public rule"},
		"public everything":         {rules("public * /**"), "public * /**"},
		"unknown option of a rule":  {rules("allow GET /a any_token {\n twice\n }"), "unrecognized option 'twice' of a rule"},
		"issued_within odd":         {rules("allow GET /a any_token {\n issued_within soon\n }"), "issued_within"},
		"issued_within twice":       {rules("allow GET /a any_token {\n issued_within 1m\n issued_within 1m\n }"), "'issued_within' stands twice"},
		"replayable with a value":   {rules("allow GET /a any_token {\n replayable yes\n }"), "'yes' is too much"},
		"once with a value":         {rules("allow GET /a any_token {\n once 2\n }"), "'2' is too much"},
		"once twice":                {rules("allow GET /a any_token {\n once\n once\n }"), "'once' stands twice"},
		"once in public":            {rules("public GET /a {\n once\n }"), "'once' in a public rule"},
		"once alone":                {rules("allow GET /a {\n once\n }"), "no condition"},
		"once on WS":                {rules("allow GET,WS /a any_token {\n once\n }"), "once does not go with WS"},
		"WS beside once":            {rules("allow GET /a any_token {\n once\n }\nallow WS /a any_token"), "leave WS out there"},
		"issued_within in public":   {rules("public GET /a {\n issued_within 1m\n }"), "in a public rule"},
		"max_stream odd":            {rules("allow WS /a any_token {\n max_stream long\n }"), "max_stream"},
		"max_stream zero":           {rules("allow WS /a any_token {\n max_stream 0s\n }"), "max_stream"},
		"max_stream negative":       {rules("allow WS /a any_token {\n max_stream -1h\n }"), "max_stream"},
		"max_stream missing":        {rules("allow WS /a any_token {\n max_stream\n }"), "'max_stream' needs a value"},
		"max_stream of two words":   {rules("allow WS /a any_token {\n max_stream 1h 2h\n }"), "'2h' is too much"},
		"max_stream twice":          {rules("allow WS /a any_token {\n max_stream 1h\n max_stream 1h\n }"), "'max_stream' stands twice"},
		"last_will missing":         {rules("allow WS /a any_token {\n last_will\n }"), "last_will needs a method and a path"},
		"last_will without path":    {rules("allow WS /a any_token {\n last_will POST\n }"), "last_will needs a method and a path"},
		"last_will without method":  {rules("allow WS /a any_token {\n last_will /stop\n }"), "last_will needs a method and a path"},
		"last_will the wrong way":   {rules("allow WS /a any_token {\n last_will /stop POST\n }"), "last_will: method"},
		"last_will of four words":   {rules("allow WS /a any_token {\n last_will POST /stop now please\n }"), "last_will needs a method and a path"},
		"last_will twice":           {rules("allow WS /a any_token {\n last_will POST /stop\n last_will POST /halt\n }"), "'last_will' stands twice"},
		"last_will with a block":    {rules("allow WS /a any_token {\n last_will POST /stop {\n body x\n }\n }"), "last_will"},
		"last_will in public":       {rules("public WS /a {\n last_will POST /stop\n }"), "public does not go with last_will"},
		"last_will, bad method":     {rules("allow WS /a any_token {\n last_will WS /stop\n }"), "last_will: method \"WS\""},
		"last_will, another host":   {rules("allow WS /a any_token {\n last_will POST //other/stop\n }"), "last_will: path"},
		"last_will, more stars":     {rules("allow WS /a/* any_token {\n last_will POST /*/stop/*\n }"), "path has 2 stars, but path /a/* of the rule has 1"},
		"last_will, not all stars":  {rules("allow WS /a/* /b any_token {\n last_will POST /stop/*\n }"), "path /b of the rule has 0"},
		"last_will, by its line":    {rules("allow WS /a any_token {\n last_will POST /stop/*\n }"), "line 4"},
		"unknown method":            {rules("allow FETCH /a any_token"), "FETCH"},
		"lower-case method":         {rules("allow get /a any_token"), "get"},
		"pattern with a star in it": {rules("allow GET /a* any_token"), "/a*"},
		"hidden rule":               {rules("allow GET /a/** any_token\nallow GET /a/b scope x"), "hidden"},
		"hidden rule, by its line":  {rules("allow GET /a/** any_token\nallow GET /a/b scope x"), "line 5"},
		"hiding rule, by its line":  {rules("allow GET /a/** any_token\nallow GET /a/b scope x"), "line 4"},
		"leeway odd":                {rules("leeway long\nallow GET / any_token"), "leeway"},
		"leeway of two words":       {rules("leeway 1s 2s\nallow GET / any_token"), "'2s' is too much"},
		"max_lifetime zero":         {rules("max_lifetime 0s\nallow GET / any_token"), "max_lifetime 0s"},
		"max_lifetime negative":     {rules("max_lifetime -1h\nallow GET / any_token"), "negative"},
		"insecure_http with value":  {rules("insecure_http yes\nallow GET / any_token"), "'yes' is too much"},
		"accept without value":      {site("accept\nallow GET / any_token"), "'accept' needs a value"},
		"global twice":              {"{\n botlatch {\n revocation bolt\n }\n botlatch {\n revocation bolt\n }\n}", "stands twice"},
	} {
		t.Run(name, func(t *testing.T) { refuseCaddyfile(t, c.caddyfile, c.want) })
	}
}
