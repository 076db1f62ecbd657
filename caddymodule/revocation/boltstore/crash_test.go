package boltstore

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// crashRound in the environment makes this test binary the process that is killed. It writes in its directory.
const (
	crashRound = "BOTLATCH_TEST_CRASH_ROUND"
	crashFile  = "revocations.db"
)

func TestMain(m *testing.M) {
	if round := os.Getenv(crashRound); round != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(round))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeUntilKilled prints the name of each entry once it was acknowledged. Each second write takes two out again that
// came before it.
func writeUntilKilled(round string) error {
	ctx := context.Background()
	s, err := open(ctx, crashFile, false)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		kept, passing := token(fmt.Sprintf("%s-%d", round, i)), token(fmt.Sprintf("%s-%d-passing", round, i))
		if err := s.Add(ctx, kept, passing); err != nil {
			return err
		}
		fmt.Println("+", kept.Value)
		if err := s.Remove(ctx, passing); err != nil {
			return err
		}
		fmt.Println("-", passing.Value)
	}
}

// What was acknowledged is there after kill -9, at whatever moment. (That it would survive a power failure too, no
// test on one machine can show: it rests on bbolt's sync, see TestFailedWriteReachesTheCaller.)
func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acknowledged := map[string]bool{} // by value: is it still to be there
	for round := range 10 {
		kill(t, dir, round, 5+7*round, acknowledged)
		s := reopen(t, filepath.Join(dir, crashFile))
		found := map[string]bool{}
		for cursor := ""; ; {
			page, next, err := s.Page(t.Context(), cursor, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				found[e.Value] = true
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		for value, there := range acknowledged {
			if found[value] != there {
				t.Errorf("round %d: %s is there: %t, acknowledged: %t", round, value, found[value], there)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged changes in 10 rounds", len(acknowledged))
}

// kill starts a writer and kills it after some acknowledgements, in the middle of what it does next.
func kill(t *testing.T, dir string, round, after int, acknowledged map[string]bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), fmt.Sprintf("%s=%d", crashRound, round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	n := 0
	for lines.Scan() { // to the end: what was printed before it died counts too
		var sign, value string
		if _, err := fmt.Sscan(lines.Text(), &sign, &value); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		acknowledged[value] = sign == "+"
		if n++; n == after {
			if err := cmd.Process.Kill(); err != nil { // SIGKILL
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || n < after {
		t.Fatalf("writer ended by itself after %d changes: %v", n, err)
	}
}
