package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
	"github.com/botlatch/botlatch/caddymodule/revocation"
	"github.com/botlatch/botlatch/caddymodule/revocation/boltstore"
)

// TestAHoldActsHereWithoutItsStore: Redis is gone, and whoever pressed the button is told what that means.
func TestAHoldActsHereWithoutItsStore(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	doors := sharing(t, server.Address, server.Address)
	here, there := doors[0], doors[1]
	token := here.issue(t, "ana", time.Now()).Raw
	server.Kill()
	h := here.button(t, http.MethodPost, http.StatusServiceUnavailable)
	for _, want := range []string{"on hold on this latch", "until it restarts", "other latches may go on", "ask again"} {
		if !strings.Contains(h.Error, want) {
			t.Errorf("the answer does not say %q: %s", want, h.Error)
		}
	}
	here.holds(t, token, true)
	if h := here.button(t, http.MethodDelete, http.StatusServiceUnavailable); !strings.Contains(h.Error, "still on hold") {
		t.Errorf("the answer does not say that it is still on hold: %s", h.Error)
	}
	here.holds(t, token, true)

	server.Run()
	there.becomes(t, token, http.StatusOK) // nobody told it, and it follows again
	here.holds(t, token, true)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		status, answer := here.latch.Ask(t, http.MethodPost, "/botlatch/hold", "")
		if status == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("Redis is there again, and the answer is %d: %s", status, answer)
		}
	}
	there.becomes(t, token, http.StatusServiceUnavailable)
	there.button(t, http.MethodDelete, http.StatusOK)
	there.holds(t, token, false)
	here.becomes(t, token, http.StatusOK) // it holds by the store alone now
}

// TestAHoldDoesNotWaitForItsStore, which takes the connection and answers nothing.
func TestAHoldDoesNotWaitForItsStore(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	d := sharing(t, server.Address)[0]
	token := d.issue(t, "ana", time.Now()).Raw
	server.Freeze()
	defer server.Thaw()
	answered := make(chan time.Time, 1)
	go func() {
		if status, answer := d.latch.Ask(t, http.MethodPost, "/botlatch/hold", ""); status != http.StatusServiceUnavailable {
			t.Errorf("status %d: %s", status, answer)
		}
		answered <- time.Now()
	}()
	began := time.Now()
	if took := d.becomes(t, token, http.StatusServiceUnavailable); took > time.Second {
		t.Errorf("held after %v", took)
	}
	held := time.Now()
	switch at := <-answered; {
	case at.Before(held):
		t.Error("the answer came first: the test showed nothing")
	case at.Sub(began) > 15*time.Second:
		t.Errorf("answered after %v", at.Sub(began))
	}
	d.holds(t, token, true)
}

// TestResumeFreesNobodyWhileAStoreMaySayHold: bolt lets go of it, and Redis cannot be asked.
func TestResumeFreesNobodyWhileAStoreMaySayHold(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	stores := "revocation bolt {$STORE}\n\t\trevocation redis redis://{$REDIS}\n\t\tmax_staleness none"
	d := prepareDoor(t, strings.Replace(doorSite, "revocation bolt {$STORE}", stores, 1))
	d.latch.Setenv("REDIS", server.Address)
	d.latch.Run()
	token := d.issue(t, "ana", time.Now()).Raw
	server.Kill()
	d.button(t, http.MethodPost, http.StatusOK) // bolt is the first
	d.button(t, http.MethodDelete, http.StatusServiceUnavailable)
	d.holds(t, token, true)
	server.Run()
	for deadline := time.Now().Add(20 * time.Second); d.ask(t, token) != http.StatusOK; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("Redis is there again, and resume does not end the hold")
		}
		d.latch.Ask(t, http.MethodDelete, "/botlatch/hold", "")
	}
}

func TestAHoldNeedsNoRoomAndNoClock(t *testing.T) {
	t.Parallel()
	d := prepareDoor(t, strings.Replace(doorSite, "revocation bolt {$STORE}", "revocation bolt {$STORE}\n\t\tmax_entries 1", 1))
	ahead := time.Now().Add(time.Hour)
	fillStore(t, d.store, revocation.Entry{Kind: revocation.KindToken, Issuer: issuerName, Value: "other", At: ahead})
	d.latch.Run()
	token := d.issue(t, "ana", time.Now()).Raw
	status, answer := d.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"kind":"subject","value":"ben"}`)
	if status != http.StatusBadRequest || !strings.Contains(answer, "clock") {
		t.Fatalf("the clock is not behind, the test shows nothing: status %d: %s", status, answer)
	}
	if h := d.button(t, http.MethodPost, http.StatusOK); h.Since.Before(ahead.Add(-time.Minute)) {
		t.Errorf("%+v", h)
	}
	d.holds(t, token, true)
	d.latch.Kill()
	d.latch.Run()
	d.holds(t, token, true)
	d.button(t, http.MethodDelete, http.StatusOK)
	d.holds(t, token, false)
}

// fillStore puts entries into a bolt file.
func fillStore(t *testing.T, path string, entries ...revocation.Entry) {
	t.Helper()
	config := &boltstore.Config{Path: path}
	if err := config.Provision(caddy.Context{Context: t.Context()}); err != nil {
		t.Fatal(err)
	}
	store, err := config.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := store.(revocation.Writer).Add(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}
