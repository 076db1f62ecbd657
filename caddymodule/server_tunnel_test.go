package caddymodule_test

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// tunnelBot says 101 to whatever it is asked, and then echoes: a bot that believes every upgrade. To a request for
// /refuse it says 403 instead, and goes on to speak HTTP; for /select it selects the last subprotocol that it is offered.
type tunnelBot struct {
	address string

	mu    sync.Mutex
	heads []http.Header // of the requests that reached it
	early string        // bytes that came before it said 101
}

func startTunnelBot(t *testing.T) *tunnelBot {
	t.Helper()
	b := new(tunnelBot)
	b.address = latchtest.Listen(t, b.serve)
	return b
}

func (b *tunnelBot) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(rawPatience))
	in := bufio.NewReader(conn)
	req, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	b.mu.Lock()
	b.heads = append(b.heads, req.Header)
	b.mu.Unlock()
	if req.URL.Path == "/refuse" {
		_, _ = io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
		b.overhear(conn, in)
		return
	}
	b.overhear(conn, in)
	selected := ""
	if offered := req.Header.Get("Sec-WebSocket-Protocol"); req.URL.Path == "/select" && offered != "" {
		selected = "Sec-WebSocket-Protocol: " + offered[strings.LastIndexAny(offered, ", ")+1:] + "\r\n"
	}
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\nSec-WebSocket-Accept: %s\r\n%s\r\n",
		req.Header.Get("Upgrade"), acceptKey(req.Header.Get("Sec-WebSocket-Key")), selected)
	_, _ = io.Copy(conn, in)
}

// acceptKey is what proves to a client that its handshake was read (RFC 6455 §4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// overhear keeps what comes within a moment.
func (b *tunnelBot) overhear(conn net.Conn, in *bufio.Reader) {
	_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	first, err := in.ReadByte()
	_ = conn.SetReadDeadline(time.Now().Add(rawPatience))
	if err != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.early += string(first)
}

func (b *tunnelBot) reached() (heads []http.Header, early string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]http.Header(nil), b.heads...), b.early
}

// handshake is a request for an upgrade; fields come behind Host.
func handshake(path, host string, fields ...string) []string {
	return append(append([]string{"GET " + path + " HTTP/1.1", "Host: " + host}, fields...), "")
}

// handshakeFields are the fields of a handshake as browsers send it (RFC 6455 §4.1).
func handshakeFields(more ...string) []string {
	return append([]string{
		"Connection: keep-alive, Upgrade", "Upgrade: WebSocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	}, more...)
}

// trimScheme is the host of a URL.
func trimScheme(url string) string { return strings.TrimPrefix(url, "http://") }
