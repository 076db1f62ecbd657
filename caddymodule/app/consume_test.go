package app_test

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// once makes the rule of a site's door open once for each token.
func once(site string) string { return strings.Replace(site, rule, rule+" {\n\t\t\tonce\n\t\t}", 1) }

// onceInRedis is such a door with a list in Redis, which may be as old as the default has it: a machine that is busy with
// a thousand requests must not look as if Redis were away.
var onceInRedis = once(strings.Replace(redisSite, "\n\t\tmax_staleness 2s", "", 1))

// startOnce is a door of a site with once.
func startOnce(t *testing.T, site string) *door {
	t.Helper()
	d := prepareDoor(t, once(site))
	d.latch.Run()
	return d
}

// answers asserts the status that a token gets, and with it whether the bot was reached.
func (d *door) answers(t *testing.T, token string, status int) {
	t.Helper()
	if got := d.ask(t, token); got != status {
		t.Errorf("status %d, want %d", got, status)
	}
}

// fresh is a token that was not used before.
func (d *door) fresh(t *testing.T) string { t.Helper(); return d.issue(t, "ana", time.Now()).Raw }

// rush sends 1,000 requests with one token at the same moment, to doors in turn, and asserts that one reaches a bot and that
// every other one is told that the token was used.
func rush(t *testing.T, doors []*door, token string) {
	t.Helper()
	const requests = 1000
	got := make(map[int]int)
	var mu sync.Mutex
	var work sync.WaitGroup
	begin := make(chan struct{})
	for i := range requests {
		work.Go(func() {
			<-begin
			status := doors[i%len(doors)].status(token)
			mu.Lock()
			defer mu.Unlock()
			got[status]++
		})
	}
	close(begin)
	work.Wait()
	hits := 0
	for _, d := range doors {
		hits += d.bot.Hits()
	}
	if want := map[int]int{http.StatusOK: 1, http.StatusForbidden: requests - 1}; !maps.Equal(got, want) || hits != 1 {
		t.Errorf("%d requests reached a bot, answers by status %v", hits, got)
	}
}

func TestOfManyWithOneTokenOneReachesTheBot(t *testing.T) {
	t.Parallel()
	d := startOnce(t, doorSite)
	rush(t, []*door{d}, d.fresh(t))
	if used, allowed := d.counted(t, `outcome="deny",reason="used"`), d.counted(t, `outcome="allow",reason="token"`); used != "999" || allowed != "1" {
		t.Errorf("counted %s denials and %s requests that were let through", used, allowed)
	}
}

func TestOfManyWithOneTokenOnTwoLatchesOneReachesABot(t *testing.T) {
	t.Parallel()
	doors := sharingOnce(t, latchtest.StartRedis(t).Address, 2)
	token := doors[0].fresh(t)
	rush(t, doors, token)
	for _, d := range doors {
		d.answers(t, token, http.StatusForbidden)
		d.answers(t, d.fresh(t), http.StatusOK)
	}
}

// sharingOnce are doors of one issuer whose latches share one Redis.
func sharingOnce(t *testing.T, redis string, n int) (doors []*door) {
	t.Helper()
	for range n {
		d := prepareDoor(t, onceInRedis)
		if len(doors) > 0 {
			d.key = doors[0].key
			d.latch.Setenv("KEYS", d.key.File)
		}
		d.latch.Setenv("REDIS", redis)
		d.latch.Run()
		doors = append(doors, d)
	}
	return doors
}

// A latch that is killed the moment its 200 came knows the token when it starts again.
func TestAUsedTokenStaysUsed(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	for name, d := range map[string]*door{
		"bolt":  startOnce(t, doorSite),
		"redis": sharingOnce(t, server.Address, 1)[0],
	} {
		t.Run(name, func(t *testing.T) {
			var tokens []string
			for range 5 {
				token := d.fresh(t)
				tokens = append(tokens, token)
				d.answers(t, token, http.StatusOK)
				d.latch.Kill()
				if name == "redis" {
					server.Kill()
					server.Run()
				}
				d.latch.Run()
				for _, token := range tokens {
					d.answers(t, token, http.StatusForbidden)
				}
			}
			if stderr, code := d.reload(t); code != 0 {
				t.Fatalf("exit code %d:\n%s", code, stderr)
			}
			d.answers(t, tokens[0], http.StatusForbidden)
			d.answers(t, d.fresh(t), http.StatusOK)
		})
	}
}

func TestWithoutItsStoreNoTokenIsUsed(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	d := sharingOnce(t, server.Address, 1)[0]
	d.answers(t, d.fresh(t), http.StatusOK)
	for name, lose := range map[string]func(){"deny/frozen": server.Freeze, "deny/killed": server.Kill} {
		t.Run(name, func(t *testing.T) {
			token := d.fresh(t)
			lose()
			began := time.Now()
			d.answers(t, token, http.StatusServiceUnavailable)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("answered after %v", took)
			}
			if name == "deny/frozen" {
				server.Thaw()
			} else {
				server.Run()
			}
			d.becomes(t, d.fresh(t), http.StatusOK)
		})
	}
	if got := d.counted(t, `outcome="deny",reason="unavailable"`); got == "0" {
		t.Error("not counted")
	}
	if !strings.Contains(d.latch.Log(), "does not say whether the token was used") {
		t.Error("the log does not say why")
	}
}

func TestOnceNeedsAStoreThatNotesUse(t *testing.T) {
	t.Parallel()
	file := "revocation file " + latchtest.WriteFile(t, "list", "# nobody\n") + " {\n\t\t\tissuer " + issuerName + "\n\t\t}"
	alone := strings.Replace(doorSite, "revocation bolt {$STORE}", file, 1)
	said := refusesToStart(t, prepareDoor(t, once(alone)))
	if !strings.Contains(said, "once") || !strings.Contains(said, "revocation bolt") {
		t.Errorf("the message does not say what to do:\n%s", said)
	}
	d := prepareDoor(t, alone)
	d.latch.Run()
	d.answers(t, d.fresh(t), http.StatusOK)
	d.latch.Rewrite(once(alone))
	if stderr, code := d.reload(t); code == 0 || !strings.Contains(stderr, "revocation bolt") {
		t.Errorf("exit code %d, and the message does not say what to do:\n%s", code, stderr)
	}
	token := d.fresh(t)
	d.answers(t, token, http.StatusOK)
	d.answers(t, token, http.StatusOK) // the old configuration decides

	d.latch.Rewrite(once(strings.Replace(doorSite, "revocation bolt", file+"\n\t\trevocation bolt", 1)))
	if stderr, code := d.reload(t); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	d.answers(t, token, http.StatusOK)
	d.answers(t, token, http.StatusForbidden)
}

func TestOneUseIsOfOneIssuersID(t *testing.T) {
	t.Parallel()
	d := startOnce(t, doorSite)
	claims := func(id, subject string) string { return d.sign(t, map[string]any{"sub": subject, "jti": id}) }
	d.answers(t, claims("1", "ana"), http.StatusOK)
	d.answers(t, claims("1", "ben"), http.StatusForbidden) // another token of the same jti
	d.answers(t, claims("2", "ana"), http.StatusOK)
	d.answers(t, d.sign(t, map[string]any{"sub": "ana"}), http.StatusForbidden)
	if got := d.counted(t, `outcome="deny",reason="claim_not_met"`); got != "1" {
		t.Errorf("a token without a jti was counted %s times", got)
	}
	revoked := d.fresh(t)
	d.revoke(t, map[string]any{"token": revoked})
	d.answers(t, revoked, http.StatusUnauthorized)
	d.change(t, http.MethodDelete, map[string]any{"token": revoked})
	d.answers(t, revoked, http.StatusOK) // what was refused was not used
	d.answers(t, revoked, http.StatusForbidden)
}
