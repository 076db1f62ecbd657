package issue_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// published are the kids of the public set, and whether the key that signs is one of them.
func published(t *testing.T, f issue.KeyFile) (kids []string, works bool) {
	t.Helper()
	b, err := os.ReadFile(f.PublicPath())
	if err != nil {
		t.Fatal(err)
	}
	set, skipped, err := jose.ParseKeySet(b)
	if err != nil || len(skipped) > 0 {
		t.Fatal(err, skipped)
	}
	key, err := f.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range set.Keys() {
		kids = append(kids, k.ID)
	}
	return kids, set.Has(key.KeySet().Keys()[0])
}

func made(t *testing.T, alg jose.Algorithm) (f issue.KeyFile, id string) {
	t.Helper()
	f = in(t, "bot.jwk")
	if err := f.New(alg); err != nil {
		t.Fatal(err)
	}
	key, err := f.Load()
	if err != nil {
		t.Fatal(err)
	}
	return f, key.ID
}

func TestRotationKeepsTheOldKeyOnce(t *testing.T) {
	t.Parallel()
	f, first := made(t, jose.ES256)
	r, err := f.Rotate()
	if err != nil || r.OldID != first || r.KeyID == first || len(r.Dropped) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	second := r.KeyID
	if kids, works := published(t, f); !works || !slices.Equal(kids, []string{second, first}) {
		t.Errorf("%v, %v", kids, works)
	}
	if mode(t, f.Path) != 0o600 || mode(t, f.PublicPath()) != 0o644 {
		t.Errorf("modes %v, %v", mode(t, f.Path), mode(t, f.PublicPath()))
	}
	r, err = f.Rotate()
	if err != nil || !slices.Equal(r.Dropped, []string{first}) {
		t.Fatalf("%+v, %v", r, err)
	}
	if kids, works := published(t, f); !works || !slices.Equal(kids, []string{r.KeyID, second}) {
		t.Errorf("%v, %v", kids, works)
	}
	for range 2 {
		if r, err = f.DropOld(); err != nil {
			t.Fatal(err)
		}
		if kids, works := published(t, f); !works || !slices.Equal(kids, []string{r.KeyID}) {
			t.Errorf("%v, %v", kids, works)
		}
	}
	left, err := os.ReadDir(filepath.Dir(f.Path))
	if err != nil || len(left) != 2 {
		t.Errorf("%v is left, %v", left, err)
	}
}

func TestRotationInterruptedLeavesAPair(t *testing.T) {
	t.Parallel()
	f, first := made(t, jose.EdDSA)
	after := in(t, "bot.jwk")
	if err := os.WriteFile(after.Path, bytesOf(t, f.Path), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Rotate(); err != nil {
		t.Fatal(err)
	}
	// The moment between the two renames: the new set, the old private key, and what was being written.
	write(t, after.PublicPath(), string(bytesOf(t, f.PublicPath())), 0o644)
	write(t, after.Path+".new", "half a k", 0o600)
	write(t, after.Path+".lock", "", 0o600)
	if kids, works := published(t, after); !works || len(kids) != 2 {
		t.Errorf("%v, %v", kids, works)
	}
	if _, err := after.Rotate(); err == nil || !strings.Contains(err.Error(), "remove that file") {
		t.Fatalf("a rotation begins beside another: %v", err)
	}
	if err := os.Remove(after.Path + ".lock"); err != nil {
		t.Fatal(err)
	}
	r, err := after.Rotate()
	if err != nil || r.OldID != first {
		t.Fatalf("%+v, %v", r, err)
	}
	if kids, works := published(t, after); !works || !slices.Contains(kids, first) || len(kids) != 2 {
		t.Errorf("%v, %v", kids, works)
	}
}

func TestOnlyOneRotatesAtATime(t *testing.T) {
	t.Parallel()
	f, _ := made(t, jose.EdDSA)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 20 {
				if i%2 == 0 {
					_, _ = f.Rotate()
				} else {
					_, _ = f.DropOld()
				}
			}
		})
	}
	all.Wait()
	if kids, works := published(t, f); !works || len(kids) > 2 {
		t.Errorf("%v, %v", kids, works)
	}
}

func TestRotationFollowsLinks(t *testing.T) {
	t.Parallel()
	f, _ := made(t, jose.EdDSA)
	link := in(t, "link.jwk")
	for to, from := range map[string]string{f.Path: link.Path, f.PublicPath(): link.PublicPath()} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := link.Rotate(); err != nil {
		t.Fatal(err)
	}
	if kids, works := published(t, f); !works || len(kids) != 2 || mode(t, link.Path)&fs.ModeSymlink == 0 {
		t.Errorf("%v, %v, %v", kids, works, mode(t, link.Path))
	}
}

func TestRotationRefuses(t *testing.T) {
	t.Parallel()
	secret, _ := made(t, jose.HS256)
	alone, _ := made(t, jose.EdDSA)
	if err := os.Remove(alone.PublicPath()); err != nil {
		t.Fatal(err)
	}
	other, _ := made(t, jose.EdDSA)
	stranger, _ := made(t, jose.EdDSA)
	write(t, other.PublicPath(), string(bytesOf(t, stranger.PublicPath())), 0o644)
	more, id := made(t, jose.EdDSA)
	write(t, more.PublicPath(), `{"keys":[{"kid":"`+id+`"},{"kid":"a"},{"kid":"b"}]}`, 0o644)
	text, _ := made(t, jose.EdDSA)
	write(t, text.PublicPath(), "no JSON", 0o644)
	nameless, id := made(t, jose.EdDSA)
	for _, path := range []string{nameless.Path, nameless.PublicPath()} {
		write(t, path, strings.ReplaceAll(string(bytesOf(t, path)), `"kid": "`+id+`",`, ""), mode(t, path).Perm())
	}
	for name, c := range map[string]struct {
		file issue.KeyFile
		want string
	}{
		"secret":             {secret, "does not rotate"},
		"no private key":     {in(t, "bot.jwk"), "no such file"},
		"no public set":      {alone, "reading public key"},
		"set of another key": {other, "no pair"},
		"keys of others":     {more, "more than rotations leave"},
		"no set":             {text, "not a JWK set"},
		"no kid":             {nameless, "has no kid"},
	} {
		var before []byte
		if name != "no private key" {
			before = bytesOf(t, c.file.Path)
		}
		if _, err := c.file.Rotate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if name != "no private key" && string(before) != string(bytesOf(t, c.file.Path)) {
			t.Errorf("%s: the private key changed", name)
		}
		if _, err := os.Stat(c.file.Path + ".lock"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the lock is left", name)
		}
	}
	if _, err := secret.DropOld(); !errors.Is(err, issue.ErrSymmetric) {
		t.Errorf("secret: %v", err)
	}
}

func bytesOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
