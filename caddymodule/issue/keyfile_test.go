package issue_test

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

func in(t *testing.T, name string) issue.KeyFile {
	t.Helper()
	return issue.KeyFile{Path: filepath.Join(t.TempDir(), name)}
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func write(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// files lists what stands beside a key.
func files(t *testing.T, f issue.KeyFile) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(f.Path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestNewKeyIsReadByTheLatch(t *testing.T) {
	t.Parallel()
	for _, alg := range []jose.Algorithm{jose.EdDSA, jose.ES256, jose.RS256, jose.HS256, jose.HS512} {
		t.Run("ok/"+alg.String(), func(t *testing.T) {
			t.Parallel()
			f := in(t, "bot.jwk")
			if err := f.New(alg); err != nil {
				t.Fatal(err)
			}
			k, err := f.Load()
			if err != nil {
				t.Fatal(err)
			}
			raw, err := issue.Token{Subject: "ana"}.Sign(k, now)
			if err != nil {
				t.Fatal(err)
			}
			set := read(t, f, alg)
			c, err := jose.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			found := set.Find(c.Header)
			if len(found) != 1 {
				t.Fatal("the latch finds no key")
			}
			if _, err := c.Verify(found[0]); err != nil {
				t.Error(err)
			}
			if m := mode(t, f.Path); m != 0o600 {
				t.Errorf("the private key has mode %s", m)
			}
		})
	}
}

// read does what the latch does with the file that is made for it.
func read(t *testing.T, f issue.KeyFile, alg jose.Algorithm) *jose.KeySet {
	t.Helper()
	if !alg.Symmetric() {
		b, err := os.ReadFile(f.PublicPath())
		if err != nil {
			t.Fatal(err)
		}
		set, skipped, err := jose.ParseKeySet(b)
		if err != nil || len(skipped) > 0 {
			t.Fatal(err, skipped)
		}
		if m := mode(t, f.PublicPath()); m != 0o644 {
			t.Errorf("the public set has mode %s", m)
		}
		if files(t, f) != "bot.jwk bot.jwks.json" {
			t.Errorf("there are %s", files(t, f))
		}
		return set
	}
	b, err := os.ReadFile(f.SecretPath())
	if err != nil {
		t.Fatal(err)
	}
	secret, err := base64.StdEncoding.DecodeString(string(b))
	if err != nil {
		t.Fatal(err)
	}
	set, err := jose.Secret(secret, alg)
	if err != nil {
		t.Fatal(err)
	}
	if m := mode(t, f.SecretPath()); m != 0o600 {
		t.Errorf("the secret has mode %s", m)
	}
	if files(t, f) != "bot.jwk bot.secret" {
		t.Errorf("there are %s", files(t, f))
	}
	return set
}

func TestNewOverwritesNothing(t *testing.T) {
	t.Parallel()
	for _, taken := range []string{"bot.jwk", "bot.jwks.json", "bot.secret"} {
		for _, alg := range []jose.Algorithm{jose.EdDSA, jose.HS256} {
			t.Run("deny/"+taken+"/"+alg.String(), func(t *testing.T) {
				t.Parallel()
				f := in(t, "bot.jwk")
				path := filepath.Join(filepath.Dir(f.Path), taken)
				write(t, path, "mine", 0o640)
				err := f.New(alg)
				if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), path) {
					t.Errorf("got %v", err)
				}
				if b, _ := os.ReadFile(path); string(b) != "mine" || mode(t, path) != 0o640 || files(t, f) != taken {
					t.Errorf("changed: %q, %s, %s", b, mode(t, path), files(t, f))
				}
			})
		}
	}
	t.Run("deny/second time", func(t *testing.T) {
		t.Parallel()
		f := in(t, "bot.jwk")
		if err := f.New(jose.EdDSA); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(f.Path)
		if err := f.New(jose.EdDSA); !errors.Is(err, fs.ErrExist) {
			t.Errorf("got %v", err)
		}
		if after, _ := os.ReadFile(f.Path); string(after) != string(before) {
			t.Error("the key is another")
		}
	})
	t.Run("deny/dangling link", func(t *testing.T) {
		t.Parallel()
		f := in(t, "bot.jwk")
		elsewhere := filepath.Join(t.TempDir(), "elsewhere")
		if err := os.Symlink(elsewhere, f.Path); err != nil {
			t.Skip(err)
		}
		if err := f.New(jose.EdDSA); err == nil {
			t.Error("accepted")
		}
		if _, err := os.Lstat(elsewhere); err == nil {
			t.Error("the key was written through the link")
		}
	})
}

func TestNewLeavesNoHalfKey(t *testing.T) {
	t.Parallel()
	t.Run("deny/no directory", func(t *testing.T) {
		t.Parallel()
		f := in(t, filepath.Join("missing", "bot.jwk"))
		if err := f.New(jose.EdDSA); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("deny/public name too long", func(t *testing.T) {
		t.Parallel()
		// 255 bytes is what most file systems take: the private name fits, the public one does not.
		f := in(t, strings.Repeat("a", 250)+".jwk")
		if err := f.New(jose.EdDSA); err == nil {
			t.Skip("this file system takes longer names")
		}
		if files(t, f) != "" {
			t.Errorf("left %s", files(t, f))
		}
	})
	t.Run("deny/no algorithm", func(t *testing.T) {
		t.Parallel()
		f := in(t, "bot.jwk")
		if err := f.New(0); err == nil || files(t, f) != "" {
			t.Errorf("%v, left %s", err, files(t, f))
		}
	})
	t.Run("deny/no path", func(t *testing.T) {
		t.Parallel()
		if err := (issue.KeyFile{}).New(jose.EdDSA); err == nil {
			t.Error("accepted")
		}
	})
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string][2]string{
		"bot.jwk":      {"bot.jwks.json", "bot.secret"},
		"/a/b.jwk":     {"/a/b.jwks.json", "/a/b.secret"},
		"bot":          {"bot.jwks.json", "bot.secret"},
		"bot.jwk.json": {"bot.jwk.json.jwks.json", "bot.jwk.json.secret"},
	} {
		f := issue.KeyFile{Path: path}
		if got := [2]string{f.PublicPath(), f.SecretPath()}; got != want {
			t.Errorf("%s: got %v", path, got)
		}
	}
}
