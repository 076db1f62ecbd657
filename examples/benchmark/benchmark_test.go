package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// installed is where the programs of all tests are, or nil: no test needed them.
var installed *string

// installOnce builds Caddy and installs Express once for all tests.
var installOnce = sync.OnceValues(func() (*programs, error) {
	dir, err := os.MkdirTemp("", "benchmark-test-")
	if err != nil {
		return nil, err
	}
	installed = &dir
	return install(context.Background(), dir, systems())
})

func TestMain(m *testing.M) {
	code := m.Run()
	if installed != nil {
		_ = os.RemoveAll(*installed)
	}
	os.Exit(code)
}

// small is a run that takes seconds.
func small(t *testing.T) *benchmark {
	t.Helper()
	latchtest.Need(t, "haproxy", "node", "npm")
	p, err := installOnce()
	if err != nil {
		t.Fatal(err)
	}
	b := &benchmark{plan: defaultPlan(), progress: io.Discard, all: systems(), programs: p}
	b.plan.rounds, b.plan.time, b.plan.connections, b.plan.tokens = 1, 100*time.Millisecond, []int{3}, 300
	return b
}

// TestEverySystemAnswersAsItShould runs all systems with all algorithms and tokens. A run in which a good token is refused, a
// bad one accepted, or a request with a bad one reaches the bot, is an error.
func TestEverySystemAnswersAsItShould(t *testing.T) {
	b := small(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	if err := b.run(ctx); err != nil {
		t.Fatal(err)
	}
	for _, s := range systems() {
		for _, algorithm := range algorithms() {
			for _, kind := range kinds() {
				checkMeasured(t, b, s, algorithm, kind)
			}
		}
	}
	if _, err := os.Stat(b.dir); !os.IsNotExist(err) {
		t.Errorf("%s is left behind: %v", b.dir, err)
	}
	checkWritten(t, b)
}

func checkMeasured(t *testing.T, b *benchmark, s system, algorithm, kind string) {
	t.Helper()
	want := 1
	if s.lacks[algorithm] != "" || s.twin && kind != one {
		want = 0
	}
	found := 0
	for _, m := range b.results.Measurements {
		if m.System != s.name || m.Algorithm != algorithm || m.Kind != kind {
			continue
		}
		found++
		for name, figure := range map[string]float64{
			"requests": float64(m.Requests), "CPU": m.CPU, "rate": m.Rate, "p50": m.P50, "memory": m.Memory, "idle": m.Idle,
		} {
			if figure <= 0 {
				t.Errorf("%s, %s, %s: %s is %g", s.name, algorithm, kind, name, figure)
			}
		}
		if m.P99 < m.P50 {
			t.Errorf("%s, %s, %s: p99 %g is less than p50 %g", s.name, algorithm, kind, m.P99, m.P50)
		}
		if kind == many && m.Requests > b.plan.tokens {
			t.Errorf("%s, %s: %d requests with %d tokens: some were seen before", s.name, algorithm, m.Requests, b.plan.tokens)
		}
	}
	if found != want {
		t.Errorf("%s, %s, %s: measured %d times, want %d", s.name, algorithm, kind, found, want)
	}
}

func checkWritten(t *testing.T, b *benchmark) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "results")
	if err := b.write(out); err != nil {
		t.Fatal(err)
	}
	words := map[string][]string{"chart.svg": {"<svg", "µs", "botlatch", "haproxy", "express"}, "results.json": {`"CPU":`}}
	for _, s := range systems() {
		words["results.md"] = append(words["results.md"], "| HS256 | "+s.name+" |")
		for _, why := range s.lacks {
			words["results.md"] = append(words["results.md"], why)
		}
	}
	for name, words := range words {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range words {
			if !strings.Contains(string(text), word) {
				t.Errorf("%s says nothing of %q", name, word)
			}
		}
		if strings.Contains(string(text), "eyJ") || strings.Contains(string(text), "NaN") {
			t.Errorf("%s has a token, or a figure that is none", name)
		}
	}
}

// TestAGuardThatLetsBadTokensPassEndsTheRun, or the table would praise it.
func TestAGuardThatLetsBadTokensPassEndsTheRun(t *testing.T) {
	b := small(t)
	b.plan.systems, b.plan.algorithms = []string{plain}, []string{"HS256"}
	for i := range b.all {
		if b.all[i].name == plain {
			b.all[i].refusal = 401
		}
	}
	err := b.run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "caddy, HS256: an expired token") || !strings.Contains(err.Error(), "answered 200, not 401") {
		t.Errorf("the run says: %v", err)
	}

	// One that only verifies the expiry is found, too.
	b = small(t)
	b.upstream, err = startUpstream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.upstream.close()
	liar := process{address: b.upstream.address, command: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}}
	q := &requests{bad: [][]byte{request("bad")}}
	if _, err := b.measure(t.Context(), system{refusal: 401}, &liar, q, use{bad, 1}); err == nil || !strings.Contains(err.Error(), "answered 200, not 401") {
		t.Errorf("the case says: %v", err)
	}
}
