package main

import (
	"bufio"
	"context"
	"crypto/sha1" //nolint:gosec // RFC 6455 §4.2.2
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// bot takes WebSockets on /drive, says "hello", and listens.
type bot struct {
	address string
	server  *http.Server
}

func startBot(ctx context.Context) (*bot, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &bot{address: listener.Addr().String(), server: &http.Server{Handler: http.HandlerFunc(drive), ReadHeaderTimeout: time.Minute}}
	go func() { _ = b.server.Serve(listener) }()
	return b, nil
}

func (b *bot) close() { _ = b.server.Close() }

func drive(w http.ResponseWriter, r *http.Request) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // RFC 6455
	_, err = fmt.Fprintf(buffered, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n\x81\x05hello", base64.StdEncoding.EncodeToString(sum[:]))
	if err != nil || buffered.Flush() != nil {
		return
	}
	_, _ = io.Copy(io.Discard, bufio.NewReaderSize(conn, 16))
}
