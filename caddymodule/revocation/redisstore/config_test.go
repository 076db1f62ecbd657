package redisstore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

func read(text string) (Config, error) {
	var c Config
	err := c.UnmarshalCaddyfile(caddyfile.NewTestDispenser(text))
	if err == nil {
		err = c.Provision(caddy.Context{})
	}
	return c, err
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, resource, err string }{
		"ok/loopback":       {"redis redis://127.0.0.1", "redis:127.0.0.1:6379/0/botlatch", ""},
		"ok/by name":        {"redis redis://localhost:7000/3 {\n prefix bots.a\n}", "redis:localhost:7000/3/bots.a", ""},
		"ok/TLS":            {"redis rediss://latch@redis.example.com/0", "redis:redis.example.com:6379/0/botlatch", ""},
		"ok/socket":         {"redis unix:///run/redis.sock?db=2", "redis:/run/redis.sock/2/botlatch", ""},
		"ok/said aloud":     {"redis redis://redis {\n insecure_plaintext\n}", "redis:redis:6379/0/botlatch", ""},
		"ok/sentinel":       {"redis rediss://b:26379 {\n nodes a:26379\n sentinel m\n}", "redis:a:26379,b:26379/0/botlatch/m", ""},
		"ok/cluster":        {"redis rediss://b:1 {\n nodes a:1\n cluster\n}", "redis:a:1,b:1/0/botlatch", ""},
		"ok/replicas":       {"redis redis://127.0.0.1 {\n replicas 2\n}", "redis:127.0.0.1:6379/0/botlatch", ""},
		"deny/no URL":       {"redis", "", "needs a URL"},
		"deny/two":          {"redis redis://127.0.0.1 b", "", "one URL"},
		"deny/no scheme":    {"redis 127.0.0.1:6379", "", "url is not one of"},
		"deny/plaintext":    {"redis redis://redis.example.com", "", "insecure_plaintext"},
		"deny/node":         {"redis redis://127.0.0.1 {\n cluster\n nodes redis.example.com:1\n}", "", "insecure_plaintext"},
		"deny/node form":    {"redis redis://127.0.0.1 {\n cluster\n nodes here\n}", "", "host:port"},
		"deny/word":         {"redis redis://127.0.0.1 {\n speed 3\n}", "", "'speed'"},
		"deny/twice":        {"redis redis://127.0.0.1 {\n cluster\n cluster\n}", "", "stands twice"},
		"deny/prefix":       {"redis redis://127.0.0.1 {\n prefix a}b\n}", "", "prefix"},
		"deny/unresolved":   {"redis redis://127.0.0.1 {\n password {env.NO_SUCH_THING}\n}", "", "env.NO_SUCH_THING"},
		"deny/ca plain":     {"redis redis://127.0.0.1 {\n ca " + empty + "\n}", "", "rediss://"},
		"deny/ca missing":   {"redis rediss://127.0.0.1 {\n ca /nonexistent\n}", "", "/nonexistent"},
		"deny/ca empty":     {"redis rediss://127.0.0.1 {\n ca " + empty + "\n}", "", "no certificate"},
		"deny/replicas":     {"redis redis://127.0.0.1 {\n replicas -1\n}", "", "replicas"},
		"deny/both":         {"redis redis://127.0.0.1 {\n cluster\n sentinel m\n}", "", "exclude"},
		"deny/nodes alone":  {"redis redis://127.0.0.1 {\n nodes 127.0.0.1:1\n}", "", "nodes goes with"},
		"deny/cluster wait": {"redis redis://127.0.0.1 {\n cluster\n replicas 1\n}", "", "replicas does not go"},
		"deny/unverified":   {"redis rediss://redis.example.com?skip_verify=true", "", "takes no"},
		"deny/option":       {"redis redis://127.0.0.1?read_timeout=1h", "", "takes no"},
		"deny/option, unix": {"redis unix:///run/redis.sock?db=2&max_retries=9", "", "takes no"},
		"deny/secret shown": {"redis redis://:hush@redis.example.com:x", "", "url is not one of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(c.text)
			switch {
			case c.err == "" && err != nil:
				t.Fatal(err)
			case c.err == "" && got.Resource() != c.resource:
				t.Errorf("resource %q, want %q", got.Resource(), c.resource)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("error %v, want one that says %q", err, c.err)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

// rights are what README says that a latch needs.
func rights(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, line, found := strings.Cut(string(readme), "\nuser latch ")
	line, _, _ = strings.Cut(line, "\n")
	if !found || !strings.Contains(line, ">PASSWORD") {
		t.Fatal("README says nothing of the user")
	}
	return strings.Fields(strings.Replace(line, "PASSWORD", "hush-hush", 1))
}

func TestAUserWithFewRightsIsEnough(t *testing.T) {
	t.Parallel()
	settings := append([]string{"--user", "latch"}, rights(t)...)
	server := latchtest.StartRedis(t, append(settings, "--user", "default", "off")...)
	c := Config{URL: "redis://latch@" + server.Address, Password: "hush-hush"}
	latchtest.Store(t, func(t *testing.T) revocation.Store {
		t.Helper()
		return openStore(t, c)
	})
	s := openStore(t, c)
	s.purgeOnce()
	for name, c := range map[string]Config{
		"another password": {URL: "redis://latch@" + server.Address, Password: "hush-no"},
		"no password":      {URL: "redis://" + server.Address},
		"another prefix":   {URL: "redis://latch@" + server.Address, Password: "hush-hush", Prefix: "other"},
	} {
		if err := c.Provision(caddy.Context{}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Open(t.Context()); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	server, other := latchtest.StartTLSRedis(t), latchtest.StartTLSRedis(t)
	here := startLatch(t, Config{URL: "rediss://" + server.Address, CA: server.CA})
	here.revoke(t, token("1"))
	for name, c := range map[string]Config{
		"a stranger's certificate": {URL: "rediss://" + server.Address, CA: other.CA},
		"another name":             {URL: "rediss://" + strings.Replace(server.Address, "localhost", "127.0.0.1", 1), CA: server.CA},
		"no certificate of ours":   {URL: "rediss://" + server.Address},
		"plaintext":                {URL: "redis://" + server.Address},
	} {
		if err := c.Provision(caddy.Context{}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Open(t.Context()); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestAServerThatThrowsKeysAwayIsRefused(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
	c := at(server.Address)
	if err := c.Provision(caddy.Context{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "noeviction") {
		t.Errorf("error %v", err)
	}
}
