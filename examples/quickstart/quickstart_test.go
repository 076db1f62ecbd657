package main

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// build makes the command as `go run` does.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "quickstart")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

func TestTheStoryHolds(t *testing.T) {
	t.Parallel()
	binary := build(t) // which takes as long as it takes
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, binary, "-check")
	command.Dir = filepath.Join("..", "..")
	command.Env = []string{"HOME=" + t.TempDir()}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
	}
	if got := strings.Count(stdout.String(), "ok    "); got != 17 {
		t.Errorf("%d steps went well, want 17:\n%s", got, &stdout)
	}
	if latchtest.ShowsToken(stdout.String() + stderr.String()) {
		t.Error("the story shows a token")
	}
}

func TestSaysWhatToDoWithoutTheCaddyfile(t *testing.T) {
	t.Parallel()
	binary := build(t) // which takes as long as it takes
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, binary, "-check")
	command.Dir = t.TempDir()
	command.Env = []string{"HOME=" + t.TempDir()}
	out, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "root of the project") {
		t.Errorf("%v\n%s", err, out)
	}
}
