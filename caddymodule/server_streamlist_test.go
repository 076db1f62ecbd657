package caddymodule_test

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestStreamsCanBeWatched until somebody has seen enough.
func TestStreamsCanBeWatched(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, streamSite)
	s.get(t, http.DefaultClient, "/quiet", s.driver(t, "ana", 0))
	watch := exec.CommandContext(t.Context(), latchtest.Binary(t), "botlatch", "streams", "--watch", "--json", "--address", "unix/"+s.latch.Admin)
	watch.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := watch.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for look := range 3 {
		if !lines.Scan() || !strings.Contains(lines.Text(), `"path":"/quiet"`) || !strings.Contains(lines.Text(), `"sub":"ana"`) {
			t.Fatalf("look %d: %q", look, lines.Text())
		}
	}
	if err := watch.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := watch.Wait(); err != nil {
		t.Errorf("interrupted it ends with %v", err)
	}
}
