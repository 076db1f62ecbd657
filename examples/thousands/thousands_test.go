package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
)

// TestMeasuresWhatItSays with few streams: every one of them must end as it should, or it is an error.
func TestMeasuresWhatItSays(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var out bytes.Buffer
	m := measurement{out: &out, streams: 40, rounds: 2, singles: 5}
	if err := m.run(ctx); err != nil {
		t.Fatal(err)
	}
	for what, n := range map[string][2]int{
		"memory, Caddy alone": {len(m.plain), 2}, "memory, latch": {len(m.latched), 2}, "one by one": {len(m.single), 10},
		"half": {len(m.last), 2}, "the rest": {len(m.all), 2},
	} {
		if n[0] != n[1] {
			t.Errorf("%s: measured %d times, want %d", what, n[0], n[1])
		}
	}
	for _, ms := range append(append(m.single, m.last...), m.all...) {
		if ms <= 0 {
			t.Errorf("a stream ended %f ms after it was revoked", ms)
		}
	}
	if rows := strings.Count(out.String(), "\n"); rows < 10 || !strings.Contains(out.String(), "KiB") {
		t.Errorf("printed:\n%s", out.String())
	}
}

// TestAStreamThatEndsOtherwiseIsAnError, or the table would show how fast something else is.
func TestAStreamThatEndsOtherwiseIsAnError(t *testing.T) {
	t.Parallel()
	bot, err := startBot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer bot.close()
	d, err := openDriver(t.Context(), bot.address, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	_ = d.conn.Close()
	if _, err := d.closed(t.Context(), "token revoked"); err == nil {
		t.Error("no error")
	}
}
