package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestListensWhereOthersDoNotReach(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "bot.sock")
	for name, c := range map[string]struct {
		address  string
		anywhere bool
		url      string // what where starts with
		err      string // or what the error says
	}{
		"ok/loopback":             {"127.0.0.1:0", false, "http://127.0.0.1:", ""},
		"ok/loopback net":         {"127.9.9.9:0", false, "http://127.9.9.9:", ""},
		"ok/localhost":            {"localhost:0", false, "http://", ""},
		"ok/loopback as IPv6":     {"[::ffff:127.0.0.1]:0", false, "http://127.0.0.1:", ""},
		"ok/unix":                 {"unix/" + socket, false, "unix/" + socket, ""},
		"ok/anywhere":             {"0.0.0.0:0", true, "http://", ""},
		"bad/all interfaces":      {":0", false, "", "refusing to listen on \":0\": it is not a loopback"},
		"bad/all of IPv4":         {"0.0.0.0:0", false, "", "-listen-anywhere"},
		"bad/all of IPv6":         {"[::]:0", false, "", "-listen-anywhere"},
		"bad/private":             {"192.168.1.2:0", false, "", "-listen-anywhere"},
		"bad/public":              {"203.0.113.9:0", false, "", "moves the robot"},
		"bad/empty":               {"", false, "", "listening on \"\""},
		"bad/no port":             {"127.0.0.1", false, "", "missing port"},
		"bad/port":                {"127.0.0.1:99999", false, "", "invalid port"},
		"bad/URL":                 {"http://127.0.0.1:0", false, "", "too many colons"},
		"bad/relative socket":     {"unix/bot.sock", false, "", "absolute path"},
		"bad/no socket":           {"unix/", false, "", "absolute path"},
		"bad/anywhere, no reason": {"unix/bot.sock", true, "", "absolute path"},
		"bad/no folder":           {"unix/" + socket + ".d/bot.sock", false, "", "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := listen(t.Context(), c.address, c.anywhere)
			if err != nil {
				if c.err == "" || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want %q", err, c.err)
				}
				return
			}
			closeAtEnd(t, l)
			if c.err != "" {
				t.Fatalf("listens on %s", where(l))
			}
			if !strings.HasPrefix(where(l), c.url) {
				t.Errorf("where is %s, want %s", where(l), c.url)
			}
		})
	}
}

func TestTakesOverAStaleSocketOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(t *testing.T, path string)
		err     string
	}{
		"ok/left by a killed process": {func(t *testing.T, path string) {
			l := listenUnix(t, path)
			l.SetUnlinkOnClose(false)
			_ = l.Close()
		}, ""},
		"bad/in use": {func(t *testing.T, path string) {
			closeAtEnd(t, listenUnix(t, path))
		}, "another process listens there"},
		"bad/a file": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("keep me"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "is no socket"},
		"bad/a link": {func(t *testing.T, path string) {
			if err := os.Symlink(path+".elsewhere", path); err != nil {
				t.Fatal(err)
			}
		}, "is no socket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "bot.sock")
			c.prepare(t, path)
			l, err := listen(t.Context(), "unix/"+path, false)
			if err == nil {
				closeAtEnd(t, l)
			}
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %v, want %q", err, c.err)
			}
			if _, err := os.Lstat(path); err != nil {
				t.Errorf("the file is gone: %v", err)
			}
		})
	}
}

func closeAtEnd(t *testing.T, c io.Closer) {
	t.Helper()
	t.Cleanup(func() { _ = c.Close() })
}

func listenUnix(t *testing.T, path string) *net.UnixListener {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSaysWhereThePageIs(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{"ok/TCP": "127.0.0.1:0", "ok/unix socket": "unix/" + filepath.Join(t.TempDir(), "bot.sock")} {
		l, err := listen(t.Context(), address, false)
		if err != nil {
			t.Fatal(err)
		}
		closeAtEnd(t, l)
		var out strings.Builder
		announce(&out, l)
		want := "listening on " + where(l) + "\n"
		if name == "ok/TCP" {
			want += "its page is http://" + l.Addr().String() + "/\n"
		}
		if out.String() != want {
			t.Errorf("%s: %q", name, out.String())
		}
	}
}
