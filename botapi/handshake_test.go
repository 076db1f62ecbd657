package botapi

import (
	"net/http"
	"testing"

	"github.com/coder/websocket"
)

// handshake sends what a WebSocket client sends, but for change, and returns the answer.
func (b *bench) handshake(t *testing.T, change http.Header) reply {
	t.Helper()
	header := http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="},
	}
	for name, values := range change {
		header[name] = values
	}
	return b.askWith(t, http.MethodGet, "/api/drive", "", header)
}

func TestRefusesAHandshake(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, c := range map[string]struct {
		change http.Header
		status int
	}{
		"bad/no upgrade":       {http.Header{"Connection": {"keep-alive"}, "Upgrade": nil}, 426},
		"bad/other upgrade":    {http.Header{"Upgrade": {"h2c"}}, 426},
		"bad/version":          {http.Header{"Sec-Websocket-Version": {"8"}}, 400},
		"bad/no key":           {http.Header{"Sec-Websocket-Key": nil}, 400},
		"bad/short key":        {http.Header{"Sec-Websocket-Key": {"AAAA"}}, 400},
		"bad/other origin":     {http.Header{"Origin": {"https://evil.example"}}, 403},
		"bad/origin null":      {http.Header{"Origin": {"null"}}, 403},
		"bad/origin's port":    {http.Header{"Origin": {"http://127.0.0.1:1"}}, 403},
		"bad/origin contained": {http.Header{"Origin": {b.server.URL + ".evil.example"}}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			r := b.handshake(t, c.change)
			r.wantProblem(t, c.status)
			if upgrade := r.header.Get("Upgrade"); (c.status == http.StatusUpgradeRequired) != (upgrade == "websocket") {
				t.Errorf("Upgrade is %q", upgrade)
			}
		})
	}
	head := b.askWith(t, http.MethodHead, "/api/drive", "", http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}})
	if head.status != http.StatusMethodNotAllowed || head.header.Get("Allow") != http.MethodGet {
		t.Errorf("HEAD: %d, Allow %q", head.status, head.header.Get("Allow"))
	}
	b.wantNobodyDriving(t)
}

func TestLetsAPageOfItsOwnHostDrive(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, _, err := websocket.Dial(t.Context(), b.server.URL+"/api/drive", &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {"https://bot.example"}}, Host: "bot.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = c.CloseNow()
}
