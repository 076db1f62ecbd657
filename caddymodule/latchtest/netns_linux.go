package latchtest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Namespace is a network of its own beside this machine's, linked to it by one cable: for clients whose network goes away.
type Namespace struct {
	// Host is this machine's address on the cable.
	Host string

	t    testing.TB
	name string
}

// StartNamespace makes one, which ends with the test. It needs root and ip (iproute2): without them the test is skipped, and
// where CI=true says that everything is there, it fails.
func StartNamespace(t testing.TB) *Namespace {
	t.Helper()
	Need(t, "ip")
	if os.Geteuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("a network namespace needs root")
		}
		t.Skip("skipped: a network namespace needs root")
	}
	var b [4]byte
	_, _ = rand.Read(b[:])
	id := hex.EncodeToString(b[:])
	// 198.18.0.0/15 is for tests of networks (RFC 2544): four addresses of it.
	net := fmt.Sprintf("198.%d.%d.", 18+b[0]&1, b[1])
	low := int(b[2] &^ 3)
	n := &Namespace{Host: fmt.Sprint(net, low+1), t: t, name: "botlatch-" + id}
	outside, inside := "blo"+id, "bli"+id
	t.Cleanup(func() {
		_ = exec.Command("ip", "link", "del", outside).Run() // with the other end; there may be none yet
		_ = exec.Command("ip", "netns", "del", n.name).Run()
	})
	for _, line := range []string{
		"netns add " + n.name,
		"link add " + outside + " type veth peer name " + inside + " netns " + n.name,
		"addr add " + n.Host + "/30 dev " + outside,
		"link set " + outside + " up",
		"-n " + n.name + " addr add " + fmt.Sprint(net, low+2) + "/30 dev " + inside,
		"-n " + n.name + " link set lo up",
		"-n " + n.name + " link set " + inside + " up",
	} {
		n.ip(line)
	}
	return n
}

// Command is a command that runs inside.
func (n *Namespace) Command(name string, args ...string) *exec.Cmd {
	return exec.CommandContext(n.t.Context(), "ip", append([]string{"netns", "exec", n.name, name}, args...)...)
}

// Cut takes the network away from who is inside: nothing comes or goes any more, and nobody is told.
func (n *Namespace) Cut() {
	n.t.Helper()
	n.ip("-n " + n.name + " link set " + "bli" + strings.TrimPrefix(n.name, "botlatch-") + " down")
}

func (n *Namespace) ip(line string) {
	n.t.Helper()
	if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
		n.t.Fatalf("ip %s: %v: %s", line, err, out)
	}
}
