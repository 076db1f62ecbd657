package boltstore

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

func TestCaddyfile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, json, err string }{
		"ok/default":        {text: "bolt", json: `{}`},
		"ok/path":           {text: "bolt /var/lib/latch/r.db", json: `{"path":"/var/lib/latch/r.db"}`},
		"ok/placeholder":    {text: "bolt {env.STATE}/r.db", json: `{"path":"{env.STATE}/r.db"}`},
		"deny/surplus word": {text: "bolt a.db b.db", err: "'b.db'"},
		"deny/empty path":   {text: `bolt ""`, err: "empty"},
		"deny/block":        {text: "bolt a.db {\n\tpath b.db\n}", err: "'path'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			module, err := caddyfile.UnmarshalModule(newDispenser(c.text), "botlatch.revocation_stores.bolt")
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error %v, want one with %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, err := json.Marshal(module); err != nil || string(got) != c.json {
				t.Errorf("JSON %s, %v, want %s", got, err, c.json)
			}
		})
	}
}

// newDispenser stands at the store's name, as the global option does.
func newDispenser(text string) *caddyfile.Dispenser {
	d := caddyfile.NewTestDispenser(text)
	d.Next()
	return d
}

func provision(t *testing.T, c *Config) error {
	t.Helper()
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	t.Cleanup(cancel)
	return c.Provision(ctx)
}

func TestDefaultIsInCaddysDataDirectory(t *testing.T) {
	home := filepath.Join(t.TempDir(), "not", "there")
	t.Setenv("XDG_DATA_HOME", home)
	c := &Config{}
	if err := provision(t, c); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, "caddy", "botlatch", "revocations.db")
	if c.Resource() != "bolt:"+path {
		t.Errorf("Resource = %s", c.Resource())
	}
	if _, err := os.Stat(home); err == nil {
		t.Error("Provision made a directory")
	}
	s, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		if info, err := os.Stat(name); err != nil || info.Mode() != want {
			t.Errorf("%s: mode %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestPathIsResolvedOnce(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("LATCH_STATE", dir)
	t.Setenv("LATCH_EMPTY", "")
	t.Chdir(dir)
	for path, want := range map[string]string{
		"{env.LATCH_STATE}/r.db": filepath.Join(dir, "r.db"),
		"r.db":                   filepath.Join(dir, "r.db"),
		"./x/../r.db":            filepath.Join(dir, "r.db"),
		"{env.LATCH_EMPTY}/r.db": "",
		"{env.LATCH_UNSET}/r.db": "",
		"{file./not/there}":      "",
		"{latch.unknown}/r.db":   "",
	} {
		c := &Config{Path: path}
		err := provision(t, c)
		if want == "" {
			if err == nil {
				t.Errorf("%s: no error, resource %s", path, c.Resource())
			}
			continue
		}
		if err != nil || c.Resource() != "bolt:"+want || c.Path != path {
			t.Errorf("%s: resource %s, path %s, %v", path, c.Resource(), c.Path, err)
		}
	}
}

func TestOpensOnlyWhatWasProvisioned(t *testing.T) {
	t.Parallel()
	if _, err := new(Config).Open(t.Context()); err == nil {
		t.Error("no error")
	}
	c := &Config{Path: filepath.Join(t.TempDir(), "missing", "r.db")}
	if err := provision(t, c); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Open(t.Context()); err == nil || !strings.Contains(err.Error(), c.path) {
		t.Errorf("directory missing: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c = &Config{path: filepath.Join(t.TempDir(), "r.db")}
	if _, err := c.Open(ctx); err == nil {
		t.Error("ended context: no error")
	}
}
