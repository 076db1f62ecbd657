package filestore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// watched is a file and the list of a latch that follows it.
type watched struct {
	*store

	list revocation.List
}

// watch follows a file. The test looks at it itself, instead of each second.
func watch(t *testing.T, path string) *watched {
	t.Helper()
	issuer := ours
	s, err := open(t.Context(), path, &issuer)
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{store: s}
	source, err := w.list.Source("test")
	if err != nil {
		t.Fatal(err)
	}
	loaded := make(chan struct{})
	go func() { _ = s.Follow(t.Context(), func() { close(loaded) }, source.Add, source.Remove) }()
	<-loaded
	t.Cleanup(func() { _ = s.Close() })
	return w
}

func (w *watched) revoked(jti string) bool {
	_, revoked := w.list.Revoked(revocation.NewNames(ours, noon, [revocation.NumKinds]string{revocation.KindToken: jti}))
	return revoked
}

// eventually waits as long as a few looks take.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func TestAFileIsFollowedHoweverItIsReplaced(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(t *testing.T, path, text string){
		"edited in place": func(t *testing.T, path, text string) { t.Helper(); write(t, path, text) },
		"renamed over": func(t *testing.T, path, text string) {
			t.Helper()
			if err := os.Rename(write(t, path+".new", text), path); err != nil {
				t.Fatal(err)
			}
		},
		"with the same size and time": func(t *testing.T, path, text string) {
			t.Helper()
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, text)
			if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, filepath.Join(t.TempDir(), "revoked.txt"), "a\nb\n")
			w := watch(t, path)
			replace(t, path, "b\nc\n")
			eventually(t, "c is out", func() bool { return w.revoked("c") })
			eventually(t, "a passes again", func() bool { return !w.revoked("a") })
			if !w.revoked("b") {
				t.Error("b passes")
			}
		})
	}
}

// Kubernetes mounts a ConfigMap as a link to a directory that is itself a link, and turns that round.
func TestAMountedConfigMapIsFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	version := func(name, text string) {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name, "revoked.txt"), text)
		if err := os.Symlink(name, filepath.Join(dir, "..data_tmp")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	version("..1", "a\n")
	path := filepath.Join(dir, "revoked.txt")
	if err := os.Symlink("..data/revoked.txt", path); err != nil {
		t.Fatal(err)
	}
	w := watch(t, path)
	version("..2", "b\n")
	if err := os.RemoveAll(filepath.Join(dir, "..1")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "b is out", func() bool { return w.revoked("b") })
	eventually(t, "a passes again", func() bool { return !w.revoked("a") })
}

func TestABrokenFileKeepsTheList(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "cut in a line": "a\nb", "cut in a word": "a\nsub:an", "bad line": "a\nsbu:ana\n", "gone": "gone",
		"binary": "\x00\x01\n", "not readable": "dir",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, filepath.Join(t.TempDir(), "revoked.txt"), "a\nb\nc\n")
			w := watch(t, path)
			switch text {
			case "gone":
				_ = os.Remove(path)
			case "dir":
				_ = os.Remove(path)
				_ = os.Mkdir(path, 0o700)
			default:
				write(t, path, text)
			}
			eventually(t, "trouble", func() bool { since, _ := w.Trouble(); return !since.IsZero() })
			since, why := w.Trouble()
			time.Sleep(3 * every) // it must not come to be believed
			if again, _ := w.Trouble(); !again.Equal(since) || why == nil {
				t.Errorf("since %v, then %v, why %v", since, again, why)
			}
			for _, jti := range []string{"a", "b", "c"} {
				if !w.revoked(jti) {
					t.Errorf("%s passes", jti)
				}
			}
			_ = os.Remove(path)
			write(t, path, "c\n")
			eventually(t, "recovered", func() bool { since, _ := w.Trouble(); return since.IsZero() && !w.revoked("a") })
		})
	}
}

func TestAFileThatIsBeingWrittenShortensNothing(t *testing.T) {
	t.Parallel()
	path := write(t, filepath.Join(t.TempDir(), "revoked.txt"), "a\nb\nc\n")
	w := watch(t, path)
	w.Close() //nolint:errcheck // from here on the test looks itself
	w.running.Wait()
	for _, text := range []string{"a\n", "a\nb\n", "d\n", "a\nb\nc\n"} { // a writer that is slow
		write(t, path, text)
		w.look()
		if !w.revoked("a") || !w.revoked("b") || !w.revoked("c") {
			t.Fatalf("after %q something passes", text)
		}
	}
	write(t, path, "a\n")
	w.look()
	w.look()
	if since, why := w.Trouble(); !since.IsZero() {
		t.Errorf("trouble: %v", why)
	}
	if page, _, err := (&store{list: w.store.list, closed: make(chan struct{})}).Page(t.Context(), "", 10); err != nil || len(page) != 1 {
		t.Errorf("twice the same is the new list: %v, %v", page, err)
	}
}

// What says less than before is out of the list only between two calls that follow each other.
func TestAnEntryThatSaysLessIsNotAwayWhileOthersGo(t *testing.T) {
	t.Parallel()
	path := write(t, filepath.Join(t.TempDir(), "revoked.txt"), "sub:ana\nsub:ben\nsub:cy\nsub:dan\n")
	issuer := ours
	s, err := open(t.Context(), path, &issuer)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close() // the test looks itself
	var calls []string
	note := func(what string) func(...revocation.Entry) {
		return func(entries ...revocation.Entry) {
			for _, e := range entries {
				calls = append(calls, what+e.Value)
			}
		}
	}
	s.followers[&follower{add: note("+"), remove: note("-")}] = struct{}{}
	write(t, path, "sub:ana before:2020-01-02T15:04:05Z\nsub:cy before:2020-01-02T15:04:05Z\nsub:dan\n")
	s.look()
	if len(calls) > 0 && strings.Contains(strings.Join(calls, " "), "-") {
		t.Fatalf("taken back at first sight: %v", calls)
	}
	calls = nil
	s.look()
	said := strings.Join(calls, " ")
	for _, name := range []string{"ana", "cy"} {
		if !strings.Contains(said, "-"+name+" +"+name) {
			t.Errorf("%s is away while others go: %s", name, said)
		}
	}
	if !strings.Contains(said, "-ben") || strings.Contains(said, "dan") {
		t.Errorf("said %s", said)
	}
}

func TestItDoesNotStartWithoutAList(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, path := range map[string]string{
		"missing": filepath.Join(dir, "no"), "directory": dir, "empty": write(t, filepath.Join(dir, "empty"), ""),
		"bad line": write(t, filepath.Join(dir, "bad"), strings.Repeat("jti\n", 3)+"sub:ana\n"),
	} {
		if _, err := open(t.Context(), path, nil); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	s, err := open(t.Context(), write(t, filepath.Join(dir, "none"), "# nobody\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
}
