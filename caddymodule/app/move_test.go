package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// storeIn reloads the latch with other stores.
func (d *door) storeIn(t *testing.T, stores ...string) {
	t.Helper()
	d.latch.Rewrite(strings.Replace(doorSite, "revocation bolt {$STORE}", strings.Join(stores, "\n\t\t"), 1))
	if stderr, code := d.reload(t); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
}

// lists asserts how many entries the stores hold.
func (d *door) lists(t *testing.T, want int) {
	t.Helper()
	if all := d.revoked(t); len(all) != want {
		t.Errorf("%d entries, want %d: %v", len(all), want, all)
	}
}

// botlatch runs a command that must succeed, and returns its standard output.
func (d *door) botlatch(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	args = append(append([]string{"botlatch"}, args...), "--address", "unix/"+d.latch.Admin)
	stdout, stderr, code := d.latch.Command(t.Context(), stdin, args...)
	if code != 0 {
		t.Fatalf("%v: exit code %d:\n%s", args, code, stderr)
	}
	return stdout
}

// TestAReloadThatChangesTheStoreForgetsNothing goes from bolt to Redis, to both, and back; asks for everything twice; and
// carries the list over with export and import, so that no store needs the other after a restart.
func TestAReloadThatChangesTheStoreForgetsNothing(t *testing.T) {
	t.Parallel()
	const bolt, redis = "revocation bolt {$STORE}", "revocation redis redis://{$REDIS}"
	server := latchtest.StartRedis(t)
	d := prepareDoor(t, doorSite)
	d.latch.Setenv("REDIS", server.Address)
	d.latch.Run()
	ana, ben, cy := d.issue(t, "ana", time.Now()).Raw, d.issue(t, "ben", time.Now()).Raw, d.issue(t, "cy", time.Now()).Raw
	twice := func(method, token string) {
		t.Helper()
		first := d.change(t, method, map[string]any{"token": token, "reason": "test"})
		second := d.change(t, method, map[string]any{"token": token, "reason": "test"})
		if first.Key() != second.Key() {
			t.Errorf("%s of the same token is about %+v, then %+v", method, first, second)
		}
	}
	open := func(a, b, c bool) {
		t.Helper()
		for token, want := range map[string]bool{ana: a, ben: b, cy: c} {
			d.opens(t, token, want)
		}
	}

	twice(http.MethodPost, ana)
	twice(http.MethodPost, cy)
	d.lists(t, 2)

	d.storeIn(t, redis)
	open(false, true, false)
	twice(http.MethodPost, ben)
	d.lists(t, 1)
	twice(http.MethodDelete, ben)
	open(false, true, false)
	d.lists(t, 0)
	twice(http.MethodPost, ben)

	d.storeIn(t, redis, bolt)
	open(false, false, false)
	d.lists(t, 3)
	twice(http.MethodPost, ana) // in both stores now
	twice(http.MethodDelete, ana)
	open(true, false, false)
	d.lists(t, 2)
	twice(http.MethodPost, ana) // in Redis alone

	exported := d.botlatch(t, "", "revocations", "export")
	d.storeIn(t, bolt)
	open(false, false, false)
	d.lists(t, 1)
	for range 2 {
		d.botlatch(t, exported, "revocations", "import", "--reason", "move to bolt")
		d.lists(t, 3)
	}
	server.Kill() // nobody needs it any more
	d.latch.Kill()
	d.latch.Run()
	open(false, false, false)
	twice(http.MethodDelete, ana)
	open(true, false, false)

	server.Run()
	exported = d.botlatch(t, "", "revocations", "export")
	d.storeIn(t, redis)
	for range 2 {
		d.botlatch(t, exported, "revocations", "import", "--reason", "move to Redis")
		d.lists(t, 3) // ana is still there: nobody took her back here
	}
	open(false, false, false)
	d.latch.Kill()
	d.latch.Run()
	open(false, false, false)
	twice(http.MethodDelete, ben) // bolt names ben, but this process never read it
	open(false, true, false)
}
