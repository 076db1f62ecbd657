package ratelimit_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// The plugin, at the version that these tests were written for. It is no dependency of this module: Caddy with both is
// built in a module that goes with the test.
const (
	plugin  = "github.com/mholt/caddy-ratelimit"
	version = "v0.1.0"
)

// program is Caddy with the latch and the plugin, as xcaddy would write it.
const program = `package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "` + plugin + `"

	_ "github.com/botlatch/botlatch/caddymodule"
)

func main() { caddycmd.Main() }
`

// built is the program, for all tests.
var built string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ratelimit-")
	if err != nil {
		panic(err)
	}
	built = filepath.Join(dir, "caddy")
	code := latchtest.Main(m)
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// build makes the program. Where the plugin cannot be had the test is skipped, but not in CI; whatever goes wrong after
// that fails.
func build(t *testing.T) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	ours := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(string(mod), "module latch")
	for name, text := range map[string]string{
		"main.go": program, "go.sum": string(sum),
		"go.mod": ours + "\nrequire (\n\tgithub.com/botlatch/botlatch v0.0.0\n\t" + plugin + " " + version + "\n)\n" +
			"replace github.com/botlatch/botlatch => " + root + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) (string, error) {
		command := exec.CommandContext(t.Context(), "go", args...)
		command.Dir, command.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		out, err := command.CombinedOutput()
		return string(out), err
	}
	if out, err := run("mod", "download", plugin+"@"+version); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s cannot be had, and CI must have it: %v\n%s", plugin, err, out)
		}
		t.Skipf("%s cannot be had from here: %v\n%s", plugin, err, out)
	}
	if out, err := run("build", "-o", built, "."); err != nil {
		t.Fatalf("building Caddy with %s: %v\n%s", plugin, err, out)
	}
}

func TestReadmeBuildsTheVersionThatIsTested(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "--with "+plugin+"@"+version+"\n") {
		t.Errorf("README does not build %s %s", plugin, version)
	}
}
