package oidc

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestAProviderThatSaysNothingKeepsNoConnection: it takes them, and never answers the first word of TLS.
func TestAProviderThatSaysNothingKeepsNoConnection(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+l.Addr().String(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := newClient(false).Do(req); err == nil {
		_ = res.Body.Close()
		t.Fatal("it answered")
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetReadDeadline(time.Now().Add(callTimeout + 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	for b := make([]byte, 1<<10); err == nil; {
		_, err = conn.Read(b)
	}
	if late, ok := err.(net.Error); ok && late.Timeout() { //nolint:errorlint // as the connection returns it
		t.Error("the connection is still open, and its request was given up long ago")
	}
}
