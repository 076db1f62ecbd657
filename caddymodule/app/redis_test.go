package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// redisSite is doorSite with a list in Redis, which must not be older than two seconds.
var redisSite = strings.Replace(doorSite, "revocation bolt {$STORE}", "revocation redis redis://{$REDIS}\n\t\tmax_staleness 2s", 1)

// sharing are doors of one issuer that share one list, each with the address by which it reaches Redis.
func sharing(t *testing.T, addresses ...string) []*door {
	t.Helper()
	var doors []*door
	for _, address := range addresses {
		d := prepareDoor(t, redisSite)
		d.latch.Setenv("REDIS", address)
		if len(doors) > 0 {
			d.key = doors[0].key
			d.latch.Setenv("KEYS", d.key.File)
		}
		d.latch.Run()
		doors = append(doors, d)
	}
	return doors
}

// becomes waits until a token gets a status.
func (d *door) becomes(t *testing.T, token string, status int) time.Duration {
	t.Helper()
	got := 0
	for began := time.Now(); time.Since(began) < 30*time.Second; time.Sleep(5 * time.Millisecond) {
		if got = d.ask(t, token); got == status {
			return time.Since(began)
		}
	}
	t.Fatalf("status %d, want %d", got, status)
	return 0
}

func TestTwoLatchesOnOneRedisRefuseTheSame(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	link := latchtest.StartLink(t, server.Address)
	doors := sharing(t, server.Address, link.Address)
	here, there := doors[0], doors[1]
	first, second, third := here.issue(t, "ana", time.Now()).Raw, here.issue(t, "ben", time.Now()).Raw, here.issue(t, "cy", time.Now()).Raw
	there.opens(t, first, true)
	here.revoke(t, map[string]any{"token": first})
	here.opens(t, first, false)
	t.Logf("refused there after %v", there.becomes(t, first, http.StatusUnauthorized))
	there.opens(t, second, true)

	link.Cut()
	here.revoke(t, map[string]any{"kind": "subject", "value": "ben"})
	here.opens(t, second, false)
	there.becomes(t, third, http.StatusServiceUnavailable) // too long without news
	there.opens(t, first, false)                           // what it knows it goes on to say
	if status, _ := there.latch.Ask(t, http.MethodGet, "/botlatch/ready", ""); status != http.StatusServiceUnavailable {
		t.Errorf("ready answers %d", status)
	}
	if status, answer := there.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"kind":"subject","value":"cy"}`); status == http.StatusOK {
		t.Errorf("a write that nobody kept is answered %s", answer)
	}
	here.opens(t, third, true)

	link.Mend()
	there.becomes(t, third, http.StatusOK) // by itself
	there.opens(t, second, false)
	here.change(t, http.MethodDelete, map[string]any{"kind": "subject", "value": "ben"})
	there.becomes(t, second, http.StatusOK)
	there.opens(t, first, false)
	if !strings.Contains(there.latch.Log(), `"msg":"revocation failed","kind":"subject"`) {
		t.Error("the write that failed is not audited")
	}
}

func TestALatchThatIsKilledFindsEverythingInRedis(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	d := sharing(t, server.Address)[0]
	var acknowledged []string
	for round := range 10 {
		fresh := d.revokeUntilKilled(fmt.Sprintf("round-%d", round))
		acknowledged = append(acknowledged, fresh...)
		if round%3 == 0 {
			server.Kill()
			server.Run()
		}
		d.latch.Run()
		list := d.revoked(t)
		for _, id := range acknowledged {
			if _, ok := list[id]; !ok {
				t.Errorf("round %d: %s was acknowledged and is not on the list", round, id)
			}
		}
		for _, id := range fresh[max(0, len(fresh)-3):] {
			d.opens(t, d.sign(t, map[string]any{"sub": "ana", "jti": id}), false)
		}
	}
	t.Logf("%d acknowledged", len(acknowledged))
}

func TestALatchDoesNotStartWithoutItsRedis(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	d := prepareDoor(t, redisSite)
	d.latch.Setenv("REDIS", server.Address)
	server.Kill()
	if said := refusesToStart(t, d); !strings.Contains(said, server.Address) {
		t.Errorf("the message does not say what is missing:\n%s", said)
	}
	server.Run()
	d.latch.Run()
	d.opens(t, d.issue(t, "ana", time.Now()).Raw, true)
}
