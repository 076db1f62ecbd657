package caddymodule

import (
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/stream"
)

// TestACutRequestIsNeverToldRefusedWhenTheBotMayHaveIt, even if it has answered, or the request is on its way.
func TestACutRequestIsNeverToldRefusedWhenTheBotMayHaveIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		till   func(*attempt, *httptrace.ClientTrace)
	}{
		"deny/no connection yet": {http.StatusUnauthorized, func(*attempt, *httptrace.ClientTrace) {}},
		"deny/being written": {http.StatusBadGateway, func(_ *attempt, trace *httptrace.ClientTrace) {
			trace.GotConn(httptrace.GotConnInfo{})
		}},
		"deny/written": {http.StatusBadGateway, func(_ *attempt, trace *httptrace.ClientTrace) {
			trace.GotConn(httptrace.GotConnInfo{})
			trace.WroteHeaders()
		}},
		"deny/answered, and the answer not passed on": {http.StatusBadGateway, func(a *attempt, trace *httptrace.ClientTrace) {
			trace.GotConn(httptrace.GotConnInfo{})
			trace.WroteHeaders()
			a.replacer.Set(answered, http.StatusOK)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/door", http.NoBody)
			a := newAttempt(r)
			c.till(a, httptrace.ContextClientTrace(a.trace(t.Context())))
			if err := denialOf(stream.Revoked, a); deny.ReasonOf(err).Status() != c.status {
				t.Errorf("%v, want %d", err, c.status)
			}
		})
	}
}
