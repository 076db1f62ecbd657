package app_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"
)

// TestR7_RevocationsSurviveAPowerCutAndAStop takes tokens out in every way, and back.
func TestR7_RevocationsSurviveAPowerCutAndAStop(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	now := time.Now()
	byToken, byID, stays := d.issue(t, "ana", now), d.issue(t, "ben", now), d.issue(t, "dan", now)
	bySubject, again := d.issue(t, "eve", now), d.issue(t, "eve", now.Add(-time.Minute))
	nameless := d.sign(t, map[string]any{"sub": "fay"})
	withSession := d.sign(t, map[string]any{"sub": "gil", "sid": "s1", "jti": "j1"})
	out := []string{byToken.Raw, byID.Raw, bySubject.Raw, again.Raw, nameless, withSession}
	all := func(open bool) {
		t.Helper()
		for _, token := range out {
			d.opens(t, token, open)
		}
		d.opens(t, stays.Raw, true)
	}
	entries := []map[string]any{
		{"token": byToken.Raw},
		{"kind": "token", "value": byID.ID, "iss": issuerName},
		{"kind": "subject", "value": "eve"}, // iss left out: there is only one
		{"token": nameless, "reason": "R4: it has no jti"},
		{"kind": "session", "value": "s1"},
	}
	all(true)
	for _, members := range entries {
		d.revoke(t, members)
	}
	all(false)
	d.latch.Kill()
	d.latch.Run()
	all(false)
	d.latch.Stop()
	d.latch.Run()
	all(false)
	for _, members := range entries {
		d.change(t, http.MethodDelete, members)
	}
	all(true)
	d.latch.Kill()
	d.latch.Run()
	all(true)
	if left := d.revoked(t); len(left) != 0 {
		t.Errorf("the list still holds %v", left)
	}
}

// TestKilledWhileRevokingNothingAcknowledgedIsLost posts revocations as fast as it can, and cuts the power at some
// moment.
func TestKilledWhileRevokingNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	var acknowledged []string
	for round := range 10 {
		before := len(acknowledged)
		acknowledged = append(acknowledged, d.revokeUntilKilled(fmt.Sprintf("round-%d", round))...)
		d.latch.Run()
		list := d.revoked(t)
		for _, id := range acknowledged {
			if _, ok := list[id]; !ok {
				t.Errorf("round %d: %s was acknowledged and is not on the list", round, id)
			}
		}
		fresh := acknowledged[before:]
		for _, id := range fresh[max(0, len(fresh)-3):] { // the last ones before the cut
			d.opens(t, d.sign(t, map[string]any{"sub": "ana", "jti": id}), false)
		}
		d.opens(t, d.sign(t, map[string]any{"sub": "ana", "jti": fmt.Sprintf("never-%d", round)}), true)
	}
	if len(acknowledged) < 10 {
		t.Errorf("only %d revocations were acknowledged: the test showed nothing", len(acknowledged))
	}
}

// revokeUntilKilled revokes names of its own from four clients, kills the latch at a random moment, and returns the names
// whose revocation was acknowledged.
func (d *door) revokeUntilKilled(prefix string) (acknowledged []string) {
	client := d.latch.AdminClient()
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	first := make(chan struct{})
	var once sync.Once
	var writers sync.WaitGroup
	for writer := range 4 {
		writers.Go(func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%s-%d-%d", prefix, writer, n)
				body := fmt.Appendf(nil, `{"kind":"token","iss":%q,"value":%q}`, issuerName, id)
				res, err := client.Post("http://127.0.0.1/botlatch/revocations", "application/json", bytes.NewReader(body))
				if err != nil {
					return // it is gone
				}
				_ = res.Body.Close()
				if res.StatusCode != http.StatusOK {
					return
				}
				once.Do(func() { close(first) })
				mu.Lock()
				acknowledged = append(acknowledged, id)
				mu.Unlock()
			}
		})
	}
	select {
	case <-first:
	case <-time.After(20 * time.Second):
	}
	time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
	d.latch.Kill()
	writers.Wait()
	return acknowledged
}

// TestStoreFileIsForItsOwnerOnly: values of entries are names of people and tokens.
func TestStoreFileIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	info, err := os.Stat(d.store)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
