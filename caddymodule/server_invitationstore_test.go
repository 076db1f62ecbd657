package caddymodule_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestB19_NothingIsUsedUpWhereTheStoreSaysNothing of whether an invitation was taken: the page tells people so.
func TestB19_NothingIsUsedUpWhereTheStoreSaysNothing(t *testing.T) {
	t.Parallel()
	leader := latchtest.StartRedis(t)
	host, port, err := net.SplitHostPort(leader.Address)
	if err != nil {
		t.Fatal(err)
	}
	replica := latchtest.StartRedis(t, "--replicaof", host+" "+port)
	s := &stage{bot: latchtest.StartBot(t), key: latchtest.NewKey(t, jose.EdDSA)}
	caddyfile := strings.Replace(options, "\tbotlatch {\n", "\tbotlatch {\n\t\trevocation redis redis://"+leader.Address+" {\n\t\t\treplicas 1\n\t\t}\n", 1)
	s.latch = latchtest.Start(t, caddyfile+signInSite, "BOT="+s.bot.Address(), "KEYS="+s.key.File)
	var link string
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) { // until the replica is in step
		status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/invitations", `{"name":"ana","scope":["door:open"]}`)
		if _, rest, ok := strings.Cut(answer, `"link":"`); ok && status == http.StatusCreated {
			link, _, _ = strings.Cut(rest, `"`)
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no invitation: status %d", status)
		}
	}
	replica.Kill()
	b := s.latch.NewBrowser(t)
	a := b.Take(t, link)
	if a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(a.Text, "Nothing was used up") {
		t.Fatalf("without the replica: status %d", a.StatusCode)
	}
	replica.Run()
	for deadline := time.Now().Add(30 * time.Second); a.StatusCode == http.StatusServiceUnavailable && time.Now().Before(deadline); time.Sleep(4 * time.Second) {
		a = b.Take(t, link)
	}
	if a.StatusCode != http.StatusOK {
		t.Errorf("then: status %d at %s", a.StatusCode, a.Request.URL.Path)
	}
}
