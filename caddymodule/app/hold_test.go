package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// holding is the answer about the hold.
type holding struct {
	Held        bool
	Since       time.Time
	Reason      string
	StillListed bool `json:"still_listed"`
	Error       string
}

// button asks for the hold (GET), holds (POST) or resumes (DELETE), which must be answered with a status.
func (d *door) button(t *testing.T, method string, want int) (h holding) {
	t.Helper()
	body := ""
	if method != http.MethodGet {
		body = `{"reason":"water in the cellar"}`
	}
	status, answer := d.latch.Ask(t, method, "/botlatch/hold", body)
	if err := json.Unmarshal([]byte(answer), &h); err != nil || status != want {
		t.Fatalf("%s: status %d, want %d: %s", method, status, want, answer)
	}
	return h
}

// holds asserts that a good token is answered 503 and the hold says so, or that the door opens.
func (d *door) holds(t *testing.T, token string, want bool) {
	t.Helper()
	status := http.StatusOK
	if want {
		status = http.StatusServiceUnavailable
	}
	if got := d.ask(t, token); got != status {
		t.Errorf("status %d, want %d", got, status)
	}
	if h := d.button(t, http.MethodGet, http.StatusOK); h.Held != want {
		t.Errorf("held: %t, want %t", h.Held, want)
	}
}

func TestAHoldSurvivesEveryRestartAndEndsWithResume(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token := d.issue(t, "ana", time.Now()).Raw
	d.holds(t, token, false)
	for range 2 { // to ask again is no error
		h := d.button(t, http.MethodPost, http.StatusOK)
		if !h.Held || h.Reason != "water in the cellar" || time.Since(h.Since).Abs() > time.Minute {
			t.Errorf("%+v", h)
		}
		d.holds(t, token, true)
	}
	d.latch.Kill()
	d.latch.Run() // it becomes ready on hold, too
	d.holds(t, token, true)
	d.latch.Stop()
	d.latch.Run()
	d.holds(t, token, true)
	if h := d.button(t, http.MethodGet, http.StatusOK); h.Reason != "water in the cellar" {
		t.Errorf("after a restart: %+v", h)
	}
	for range 2 {
		if h := d.button(t, http.MethodDelete, http.StatusOK); h.Held || h.StillListed {
			t.Errorf("%+v", h)
		}
		d.holds(t, token, false) // the same token
	}
	d.lists(t, 0)
	d.latch.Kill()
	d.latch.Run()
	d.holds(t, token, false)
}

func TestAHoldIsOneForAllLatchesOfAStore(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	doors := sharing(t, server.Address, server.Address)
	here, there := doors[0], doors[1]
	token := here.issue(t, "ana", time.Now()).Raw
	here.holds(t, token, false)
	there.holds(t, token, false)
	here.button(t, http.MethodPost, http.StatusOK)
	here.holds(t, token, true)
	if took := there.becomes(t, token, http.StatusServiceUnavailable); took > time.Second {
		t.Errorf("held there after %v", took)
	}
	if h := there.button(t, http.MethodGet, http.StatusOK); !h.Held || h.Reason != "water in the cellar" {
		t.Errorf("there: %+v", h)
	}
	there.button(t, http.MethodDelete, http.StatusOK)
	there.holds(t, token, false)
	if took := here.becomes(t, token, http.StatusOK); took > time.Second {
		t.Errorf("resumed here after %v", took)
	}

	here.button(t, http.MethodPost, http.StatusOK)
	there.becomes(t, token, http.StatusServiceUnavailable)
	for _, d := range doors {
		d.latch.Kill()
		d.latch.Run()
		d.holds(t, token, true)
	}
	there.button(t, http.MethodDelete, http.StatusOK)
	there.holds(t, token, false)
	here.becomes(t, token, http.StatusOK)
}

func TestAHoldWithoutAStoreThatCanBeWritten(t *testing.T) {
	t.Parallel()
	d, path := listed(t, "# nobody\n", false)
	d.latch.Run()
	token := d.issue(t, "ana", time.Now()).Raw
	h := d.button(t, http.MethodPost, http.StatusConflict)
	for _, want := range []string{"on hold on this latch", "until it restarts", "add one"} {
		if !strings.Contains(h.Error, want) {
			t.Errorf("the answer does not say %q: %s", want, h.Error)
		}
	}
	d.holds(t, token, true)
	if h := d.button(t, http.MethodDelete, http.StatusOK); h.Held || h.StillListed {
		t.Errorf("%+v", h)
	}
	d.holds(t, token, false)

	rewrite(t, path, "hold: # by the file\n")
	d.becomes(t, token, http.StatusServiceUnavailable)
	if h := d.button(t, http.MethodDelete, http.StatusOK); !h.Held || !h.StillListed || h.Reason != "by the file" {
		t.Errorf("%+v", h)
	}
	d.holds(t, token, true)
	d.latch.Kill()
	d.latch.Run()
	d.holds(t, token, true)
	rewrite(t, path, "# nobody\n")
	d.becomes(t, token, http.StatusOK)
}

// TestAHoldSurvivesReloads, also those that drop the store.
func TestAHoldSurvivesReloads(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token := d.issue(t, "ana", time.Now()).Raw
	d.button(t, http.MethodPost, http.StatusOK)
	d.latch.Rewrite(strings.Replace(doorSite, "allow GET /door any_token", "realm other\n\t\tallow GET /door any_token", 1))
	if stderr, code := d.reload(t); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	d.holds(t, token, true)
	list := latchtest.WriteFile(t, "revoked.txt", "# nobody\n")
	for _, stores := range []string{"revocation file " + list, "revocation bolt " + d.store + ".other"} {
		d.storeIn(t, stores)
		d.holds(t, token, true)
		if h := d.button(t, http.MethodDelete, http.StatusOK); !h.Held || !h.StillListed {
			t.Errorf("%s: %+v", stores, h)
		}
		d.holds(t, token, true)
	}
	d.storeIn(t, "revocation bolt {$STORE}")
	d.holds(t, token, true)
	d.button(t, http.MethodDelete, http.StatusOK)
	d.holds(t, token, false)

	// Also one that no store knows of.
	d.storeIn(t, "revocation file "+list)
	d.button(t, http.MethodPost, http.StatusConflict)
	d.storeIn(t, "revocation bolt {$STORE}")
	d.holds(t, token, true)
	d.button(t, http.MethodDelete, http.StatusOK)
	d.holds(t, token, false)
}
