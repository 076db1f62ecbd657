package app_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// TestT3_ValidateBesideARunningLatchChangesNothing: provisioning opens nothing, so it neither waits for the file nor
// takes it.
func TestT3_ValidateBesideARunningLatchChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	revoked, good := d.issue(t, "ana", time.Now()).Raw, d.issue(t, "ben", time.Now()).Raw
	d.revoke(t, map[string]any{"token": revoked})
	before, err := os.ReadFile(d.store)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, stderr, code := d.latch.Command(t.Context(), "", "validate", "--config", "Caddyfile")
		if code != 0 || strings.Contains(stderr, "timeout") {
			t.Errorf("exit code %d:\n%s", code, stderr)
		}
		d.opens(t, revoked, false)
		d.opens(t, good, true)
	}
	after, err := os.ReadFile(d.store)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the store changed (%v)", err)
	}
	d.revoke(t, map[string]any{"token": good})
	d.opens(t, good, false)
}

func TestT3_ValidateMakesNoStore(t *testing.T) {
	t.Parallel()
	d := prepareDoor(t, doorSite)
	if _, stderr, code := d.latch.Command(t.Context(), "", "validate", "--config", "Caddyfile"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	if _, err := os.Stat(d.store); !os.IsNotExist(err) {
		t.Errorf("validate made the store: %v", err)
	}
}

// TestT2_SecondProcessOnOneStoreDoesNotStart: two lists that drift apart would each let in what the other refuses.
func TestT2_SecondProcessOnOneStoreDoesNotStart(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	revoked := d.issue(t, "ana", time.Now()).Raw
	d.revoke(t, map[string]any{"token": revoked})
	second := prepareDoor(t, doorSite)
	second.latch.Setenv("STORE", d.store)
	second.latch.Setenv("KEYS", d.key.File)
	stderr := refusesToStart(t, second)
	if !strings.Contains(stderr, d.store) || !strings.Contains(stderr, "another process") {
		t.Errorf("the message does not say what is wrong:\n%s", stderr)
	}
	d.opens(t, revoked, false)
	d.opens(t, d.issue(t, "ben", time.Now()).Raw, true)
	d.latch.Stop()
	second.latch.Run() // it is free now, and nothing was lost
	second.key = d.key
	second.opens(t, revoked, false)
}

// refusesToStart runs the latch, which must end with an error and leave nobody listening. It returns what was said.
func refusesToStart(t *testing.T, d *door) string {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	stdout, stderr, code := d.latch.Command(ctx, "", "run", "--config", "Caddyfile")
	if code == 0 {
		t.Errorf("it ended without an error:\n%s", stderr)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s to refuse", took)
	}
	for network, address := range map[string]string{"tcp": strings.TrimPrefix(d.latch.URL, "http://"), "unix": d.latch.Admin} {
		if conn, err := net.Dial(network, address); err == nil {
			_ = conn.Close()
			t.Errorf("somebody listens on %s", address)
		}
	}
	if d.bot.Hits() != 0 {
		t.Errorf("the bot was reached")
	}
	return stdout + stderr
}
