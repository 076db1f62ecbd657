package latchtest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// What tells a test binary to be the process that is killed: a name for what it writes, where its store is, and whether it
// writes records instead of entries.
const (
	crashName  = "BOTLATCH_TEST_CRASH_NAME"
	crashStore = "BOTLATCH_TEST_CRASH_STORE"
	crashKeeps = "BOTLATCH_TEST_CRASH_KEEPS"
)

// CrashMain is TestMain for the package of a store: it runs the tests or, in a process that KillWriter or KillKeeper started,
// opens the store at a place and writes to it.
//
//	func TestMain(m *testing.M) { os.Exit(latchtest.CrashMain(m, open)) }
func CrashMain(m *testing.M, open func(ctx context.Context, place string) (revocation.Writer, error)) int {
	name := os.Getenv(crashName)
	if name == "" {
		return m.Run()
	}
	ctx := context.Background()
	write := writeUntilKilled
	if os.Getenv(crashKeeps) != "" {
		write = swapUntilKilled
	}
	w, err := open(ctx, os.Getenv(crashStore))
	if err == nil {
		err = write(ctx, w, name)
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// writeUntilKilled prints the name of each entry once it was acknowledged. Each second write takes one out again that came
// before it.
func writeUntilKilled(ctx context.Context, w revocation.Writer, name string) error {
	for i := 0; ; i++ {
		kept, passing := CrashEntry(fmt.Sprintf("%s-%d", name, i)), CrashEntry(fmt.Sprintf("%s-%d-passing", name, i))
		if err := w.Add(ctx, kept, passing); err != nil {
			return err
		}
		fmt.Println("+", kept.Value)
		if err := w.Remove(ctx, passing); err != nil {
			return err
		}
		fmt.Println("-", passing.Value)
	}
}

// CrashEntry is the entry of a value that KillWriter noted.
func CrashEntry(value string) revocation.Entry {
	return revocation.Entry{
		Kind: revocation.KindToken, Issuer: "https://id.example.com/", Value: value, At: time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC),
	}
}

// KillWriter starts a process that writes to the store at a place, and kills it after some acknowledgements, in the middle
// of what it does next. It notes, by value, which entries must be there now, and which must not.
func KillWriter(t testing.TB, place, name string, after int, acknowledged map[string]bool) {
	t.Helper()
	kill(t, place, name, "", after, func(line string) {
		var sign, value string
		if _, err := fmt.Sscan(line, &sign, &value); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		acknowledged[value] = sign == "+"
	})
}

// kill starts a process that writes, and kills it after some of the lines by which it acknowledges.
func kill(t testing.TB, place, name, keeps string, after int, acknowledge func(line string)) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), crashStore+"="+place, crashName+"="+name, crashKeeps+"="+keeps)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for lines := bufio.NewScanner(out); lines.Scan(); { // to the end: what was printed before it died counts too
		acknowledge(lines.Text())
		if n++; n == after {
			if err := cmd.Process.Kill(); err != nil { // SIGKILL
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || n < after {
		t.Fatalf("the writer ended by itself after %d changes: %v", n, err)
	}
}
