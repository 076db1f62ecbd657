package caddymodule_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// outsideSite listens for other machines; the bot is on this one.
const outsideSite = `https://localhost:{$TLS_PORT} {
	bind {$HOST}
	tls {$CERT} {$KEY}
	botlatch {
		allow WS /rovers/*/drive scope drive {
			last_will POST /rovers/*/stop
		}
		allow GET /rovers/*/events /rovers/*/chatter scope drive {
			last_will POST /rovers/*/stop
		}
	}
	reverse_proxy {$BOT}
}
`

// TestTheBotIsToldToStopWhenItsDriversNetworkVanishes: no FIN, no RST, no ICMP, just nothing.
func TestTheBotIsToldToStopWhenItsDriversNetworkVanishes(t *testing.T) {
	t.Parallel()
	network := latchtest.StartNamespace(t)
	s := newRoverStage(t, outsideSite, "HOST="+network.Host)
	site, err := url.Parse(s.latch.TLSURL)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for path, env := range map[string][]string{
		"/rovers/talked-to/drive":      {clientSays + "=talk"},
		"/rovers/silent/drive":         nil,
		"/rovers/events/chatter":       nil,
		"/rovers/silent-events/events": nil,
		"/rovers/http2/chatter":        {clientHTTP2 + "=yes"},
		"/rovers/silent-http2/events":  {clientHTTP2 + "=yes"},
	} {
		runClientProcess(t, network.Command(self), append(env,
			clientURL+"="+s.latch.TLSURL+path, clientToken+"="+s.driver(t, "ana"),
			clientTrust+"="+filepath.Join(s.latch.Dir, "cert.pem"), clientDials+"="+network.Host+":"+site.Port())...)
	}
	network.Cut()
	cut := time.Now()
	for _, rover := range []string{"talked-to", "silent", "events", "silent-events", "http2", "silent-http2"} {
		o := s.wantStop(t, "POST /rovers/"+rover+"/stop")
		if after := o.at.Sub(cut); after > 6*time.Second || after < time.Second {
			t.Errorf("%s: told to stop %s after the network had gone", rover, after)
		} else {
			t.Logf("%s: %s", rover, after.Round(time.Millisecond))
		}
	}
	want := make(map[string]int)
	for _, text := range s.bot.texts() {
		want[text] = 1
	}
	s.wantOrders(t, want)
	if strings.Contains(s.latch.Log(), "last will not sent") {
		t.Errorf("a last will was not sent:\n%s", s.latch.Log())
	}
}
