package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestReadsTheTimeThatAProcessTakes(t *testing.T) {
	t.Parallel()
	before, err := usageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	const work = 300 * time.Millisecond
	for ticks := before.ticks; ticks < before.ticks+work; { // until the kernel says that it has worked so long
		if ticks, err = ticksOf(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	after, err := usageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if len(after.threads) == 0 {
		t.Error("no thread is counted")
	}
	exact, ticks := after.since(before), after.ticks-before.ticks
	if exact < work/2 || (exact-ticks).Abs() > 50*time.Millisecond {
		t.Errorf("threads say %s, the process %s", exact, ticks)
	}
}

// TestAThreadThatEndedIsCounted, although its own counter is gone.
func TestAThreadThatEndedIsCounted(t *testing.T) {
	t.Parallel()
	before := &usage{threads: map[string]time.Duration{"a": 1, "b": 1}, ticks: 10 * tick}
	for name, c := range map[string]struct {
		after usage
		want  time.Duration
	}{
		"alive":   {usage{map[string]time.Duration{"a": 5, "b": 1}, 11 * tick}, 4},
		"new":     {usage{map[string]time.Duration{"a": 5, "b": 1, "c": 3}, 11 * tick}, 7},
		"ended":   {usage{map[string]time.Duration{"a": 5}, 11 * tick}, tick},
		"unknown": {usage{nil, 12 * tick}, 2 * tick},
	} {
		if got := c.after.since(before); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestShowsNoToken of what a system printed.
func TestShowsNoToken(t *testing.T) {
	t.Parallel()
	k, err := newKey("ES256", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := token(k, 1, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r := &process{log: filepath.Join(t.TempDir(), "log")}
	for _, before := range []int{0, 1500, 2500} { // the token may be cut where the end of a log begins
		text := strings.Repeat("x", before) + " refused Bearer " + raw + " for a reason\n" + strings.Repeat(" ", 1700) + "\nthe end"
		if err := os.WriteFile(r.log, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		said := r.said()
		for _, part := range strings.Split(raw, ".") {
			if strings.Contains(said, part[len(part)-10:]) {
				t.Errorf("%d: it shows a part of a token", before)
			}
		}
		if !strings.HasSuffix(said, "the end") {
			t.Errorf("%d: the end is missing: %q", before, said)
		}
	}
}
