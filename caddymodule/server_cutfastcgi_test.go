package caddymodule_test

import (
	"net"
	"net/http"
	"net/http/fcgi"
	"sync/atomic"
	"testing"
)

const fastCGISite = `http://127.0.0.1:{$PORT} {
	bind 127.0.0.1
	botlatch {
		allow GET /door scope drive
	}
	reverse_proxy {$FASTCGI} {
		transport fastcgi {
			root /srv
		}
	}
}
`

// TestACutRequestOverFastCGIIsNotToldRefused, whose transport does not say that the bot has it.
func TestACutRequestOverFastCGIIsNotToldRefused(t *testing.T) {
	t.Parallel()
	var acts atomic.Int64
	revoked := make(chan struct{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		_ = fcgi.Serve(listener, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			acts.Add(1)
			<-revoked // Caddy waits for the answer, whatever became of the client
		}))
	}()
	s := newStreamStage(t, fastCGISite, "FASTCGI="+listener.Addr().String())
	token := s.driver(t, "ana", 0)
	status := make(chan int, 1)
	go func() { status <- s.get(t, http.DefaultClient, "/door", token).StatusCode }()
	eventually(t, "the bot acts", func() bool { return acts.Load() == 1 })
	s.revokeSubject(t, "ana")
	close(revoked)
	if got := <-status; got != http.StatusBadGateway {
		t.Errorf("status %d", got)
	}
}
