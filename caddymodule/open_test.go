package caddymodule

import (
	"net"
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

// unclosable is what quic-go shows of its connections.
type unclosable struct{ net.Conn }

func (unclosable) Close() error { panic("connection operation prohibited") }

// TestAnotherAttemptIsStoppedOnAConnectionThatCannotBeClosed: any other panic would be Caddy's, and the client told nothing.
func TestAnotherAttemptIsStoppedOnAConnectionThatCannotBeClosed(t *testing.T) {
	t.Parallel()
	a := newAttempt(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/door", http.NoBody))
	trace := httptrace.ContextClientTrace(a.trace(t.Context()))
	trace.GotConn(httptrace.GotConnInfo{})
	trace.WroteHeaders()
	defer func() {
		if v := recover(); v != errActed { //nolint:errorlint // a panic value
			t.Errorf("stopped by %v", v)
		}
	}()
	trace.GotConn(httptrace.GotConnInfo{Conn: unclosable{}})
	t.Error("a second attempt goes on")
}
