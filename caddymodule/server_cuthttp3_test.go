package caddymodule_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

// TestStreamsOverHTTP3End as those over TCP do.
func TestStreamsOverHTTP3End(t *testing.T) {
	t.Parallel()
	s := newStreamStage(t, bothSites)
	transport := &http3.Transport{TLSClientConfig: s.latch.TLSClient(true).Transport.(*http.Transport).TLSClientConfig}
	t.Cleanup(func() { _ = transport.Close() })
	client := &http.Client{Transport: transport, Timeout: patience}
	for path, whole := range map[string]bool{"/events": true, "/camera": true, "/download": false} {
		token := s.driver(t, path, 0)
		res := getAt(t, client, s.latch.TLSURL+path, token)
		if _, err := res.Body.Read(make([]byte, 1)); err != nil || res.ProtoMajor != 3 {
			t.Fatalf("%s, %v", res.Proto, err)
		}
		ended, began := ending(res), time.Now()
		s.revokeSubject(t, path)
		e := await(t, ended)
		if (e.how == io.EOF.Error()) != whole {
			t.Errorf("%s ended with %s", path, e.how)
		}
		soon(t, began, e.at)
		if res := getAt(t, client, s.latch.TLSURL+path, token); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s, the next attempt: %d", path, res.StatusCode)
		}
	}
	s.over(t, "revoked", 3)
}
