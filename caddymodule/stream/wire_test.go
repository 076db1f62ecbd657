package stream

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// wire is a client's connection, that remembers what was written to it.
type wire struct {
	net.Conn // hides CloseWrite, as Caddy does when it logs

	mu      sync.Mutex
	written []byte
}

func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written = append(w.written, p[:n]...)
	return n, err
}

// upgrading is the ResponseWriter of a handshake: what net/http does, by hand.
type upgrading struct {
	conn   net.Conn
	in     *bufio.Reader
	key    string
	header http.Header
}

func (u *upgrading) Header() http.Header { return u.header }

func (u *upgrading) Write([]byte) (int, error) { return 0, http.ErrHijacked }

func (u *upgrading) WriteHeader(int) {
	sum := sha1.Sum([]byte(u.key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, _ = fmt.Fprintf(u.conn.(*wire).Conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
}

func (u *upgrading) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return u.conn, bufio.NewReadWriter(u.in, bufio.NewWriter(u.conn)), nil
}

// serve plays the script to one client, as the proxy would, through a Registry.
func (s script) serve(conn net.Conn, g *Registry, w *wire) error {
	in := bufio.NewReader(conn)
	r, err := http.ReadRequest(in)
	if err != nil {
		return err
	}
	w.Conn = conn
	open := &Stream{Line: conn}
	return g.Serve(r.Context(), open, &upgrading{w, in, r.Header.Get("Sec-WebSocket-Key"), http.Header{}}, r, never,
		func(w http.ResponseWriter, r *http.Request) error {
			w.WriteHeader(http.StatusSwitchingProtocols)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return err
			}
			defer conn.Close()
			go func() { _, _ = io.Copy(io.Discard, conn) }() // to the bot
			rest := s.bytes
			for i, n := range s.pieces {
				if i == s.cutAt {
					s.cut(open)
				}
				if i > s.cutAt && s.stalls || r.Context().Err() != nil {
					break
				}
				if _, err := conn.Write(rest[:n]); err != nil {
					return err
				}
				rest = rest[n:]
			}
			if s.cutAt == len(s.pieces) {
				s.cut(open)
			}
			<-r.Context().Done() // the bot's side is closed
			return nil
		}, nothing)
}

// cut ends the stream, and waits until that counts, unless it is to happen beside a Write.
func (s script) cut(open *Stream) {
	open.End(Revoked)
	for !s.beside && !open.ws.told() {
		time.Sleep(10 * time.Microsecond)
	}
}

// told reports whether the cut has come to the connection.
func (c *upgraded) told() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.goodbye != nil
}

// dialBriefly dials so that a closed connection leaves nothing behind: fuzzing would run out of ports.
func dialBriefly(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		err = conn.(*net.TCPConn).SetLinger(0)
	}
	return conn, err
}
