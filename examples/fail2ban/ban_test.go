package fail2ban_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// recorder is an action that writes down whom it would ban, in place of a firewall.
const recorder = `[Definition]
actionban = echo "<ip> <port> <protocol>" >> <file>
actionunban =
`

// server is fail2ban itself, with the jail and the filter of this folder and nothing else.
type server struct {
	dir, bans string
	config    []string // options for fail2ban-client
}

// startServer starts it on the file of s; it ends with the test.
func startServer(t *testing.T, s *stage) *server {
	t.Helper()
	dir := t.TempDir()
	f := &server{dir: dir, bans: filepath.Join(dir, "bans")}
	f.config = []string{"-c", dir, "-s", filepath.Join(dir, "sock"), "-p", filepath.Join(dir, "pid")}
	jail := f.read(t, "jail.d/botlatch.conf")
	changed := regexp.MustCompile(`(?m)^logpath .*$`).ReplaceAllString(jail, "logpath = "+s.denials)
	if changed == jail {
		t.Fatal("the jail has no logpath")
	}
	for name, text := range map[string]string{
		"fail2ban.conf":          "[Definition]\nloglevel = INFO\nlogtarget = " + filepath.Join(dir, "log") + "\nsyslogsocket = auto\ndbfile = None\n",
		"jail.conf":              "[DEFAULT]\n",
		"jail.d/botlatch.conf":   changed + "action = recorder[file=" + f.bans + ", port=\"%(port)s\", protocol=\"%(protocol)s\"]\n",
		"filter.d/botlatch.conf": f.read(t, "filter.d/botlatch.conf"),
		"action.d/recorder.conf": recorder,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(program(t, "fail2ban-server"), append(f.config, "-f", "start")...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { _ = command.Wait(); close(exited) }()
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		select {
		case <-exited:
		case <-time.After(20 * time.Second):
			_ = command.Process.Kill()
			<-exited
		}
		if t.Failed() {
			t.Logf("fail2ban wrote:\n%s%s", &out, f.log())
		}
	})
	f.wait(t, "the jail", func() bool { return strings.Contains(f.log(), "Jail 'botlatch' started") })
	return f
}

func (f *server) read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (f *server) log() string {
	text, _ := os.ReadFile(filepath.Join(f.dir, "log"))
	return string(text)
}

// banned is whom the action was told to ban.
func (f *server) banned() string {
	text, _ := os.ReadFile(f.bans)
	return string(text)
}

// wait waits for what happens in the server.
func (f *server) wait(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !happened(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come", what)
		}
	}
}

// maxRetry is that of the jail.
func maxRetry(t *testing.T) int {
	t.Helper()
	jail, err := os.ReadFile("jail.d/botlatch.conf")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^maxretry = (\d+)$`).FindSubmatch(jail)
	if found == nil {
		t.Fatal("the jail has no maxretry")
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestJailBansWhoGuesses lets fail2ban run: one who guesses less often than maxretry stays, as does a good phone, and a
// burst of which the latch logs only the first lines is banned.
func TestJailBansWhoGuesses(t *testing.T) {
	t.Parallel()
	program(t, "fail2ban-server")
	s := newStage(t)
	f := startServer(t, s)
	good, bad := s.key.Mint(t, claims("door:open")), s.forged(t)
	for range maxRetry(t) - 1 {
		s.send(t, request{from: "127.0.0.21", token: bad, status: 401})
	}
	old, err := claims("door:open").Sign(s.key.SigningKey, time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * maxRetry(t) {
		s.send(t, request{from: "127.0.0.22", token: good, status: 200})
		s.send(t, request{from: "127.0.0.22", token: old, status: 401})
	}
	const burst = 200
	for range burst {
		s.send(t, request{from: "127.0.0.23", token: bad, status: 401})
	}
	f.wait(t, "the ban", func() bool { return f.banned() != "" })
	if got := f.banned(); got != "127.0.0.23 http,https tcp,udp\n" {
		t.Errorf("fail2ban banned %q, want 127.0.0.23 on TCP and UDP", got)
	}
	text, err := os.ReadFile(s.denials)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), `"client_ip":"127.0.0.23"`); lines < maxRetry(t) || lines >= burst {
		t.Errorf("%d lines for %d requests, want some", lines, burst)
	} else {
		t.Logf("%d lines for %d requests", lines, burst)
	}
}
