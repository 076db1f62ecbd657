package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// TestStreamsEndWhenTheListIsTooOld: what cannot be checked any more may not stay open.
func TestStreamsEndWhenTheListIsTooOld(t *testing.T) {
	t.Parallel()
	server := latchtest.StartRedis(t)
	s := &streamStage{bot: startStreamBot(t)}
	s.key = latchtest.NewKey(t, jose.EdDSA)
	s.latch = latchtest.Start(t, strings.Replace(options, "botlatch {", "botlatch {\n\t\trevocation redis redis://{$REDIS}\n\t\tmax_staleness 2s", 1)+bothSites,
		"BOT="+trimScheme(s.bot.URL), "KEYS="+s.key.File, "REDIS="+server.Address)
	token := s.driver(t, "ana", 0)
	ws, events := closing(t, s.dial(t, "/ws", token)), ending(s.get(t, http.DefaultClient, "/events", token))
	killed := time.Now()
	server.Kill()
	for want, ended := range map[string]<-chan end{"1013 token cannot be checked": ws, "EOF": events} {
		e := await(t, ended)
		if e.how != want {
			t.Errorf("it ended with %s, want %s", e.how, want)
		}
		// The list counts from when it was last known to be followed, which may be a moment before.
		if took := e.at.Sub(killed); took < time.Second || took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
	}
	s.over(t, "unavailable", 2)
	s.refused(t, "/events", token, http.StatusServiceUnavailable)
	server.Run()
	eventually(t, "it recovers", func() bool { return s.get(t, http.DefaultClient, "/stop", token).StatusCode == http.StatusOK })
}
