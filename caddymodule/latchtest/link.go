package latchtest

import (
	"net"
	"sync"
	"testing"
)

// Link is a TCP link to a server, that a test can cut as a network does: without a word.
type Link struct {
	// Address is where to connect, host:port.
	Address string

	mu    sync.Mutex
	to    string
	open  chan struct{} // closed: bytes pass
	conns map[net.Conn]struct{}
}

// StartLink starts a link to an address. It ends with the test.
func StartLink(t testing.TB, to string) *Link {
	t.Helper()
	l := &Link{to: to, open: make(chan struct{}), conns: make(map[net.Conn]struct{})}
	close(l.open)
	l.Address = Listen(t, l.carry)
	t.Cleanup(func() { l.Mend(); l.Reset() }) // before Listen waits
	return l
}

// Cut holds all bytes back, of new connections too, until Mend. Nobody is told.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.open:
		l.open = make(chan struct{})
	default:
	}
}

// Mend lets bytes pass again.
func (l *Link) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.open:
	default:
		close(l.open)
	}
}

// Lead leads new connections to another server.
func (l *Link) Lead(to string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to = to
}

// Reset closes all connections.
func (l *Link) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn := range l.conns {
		_ = conn.Close()
	}
}

// carry connects a client to the server, both ways.
func (l *Link) carry(client net.Conn) {
	l.mu.Lock()
	to := l.to
	l.mu.Unlock()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	l.mu.Lock()
	l.conns[client], l.conns[server] = struct{}{}, struct{}{}
	l.mu.Unlock()
	var back sync.WaitGroup
	back.Go(func() { l.pass(client, server) })
	l.pass(server, client)
	back.Wait()
}

// pass copies until either side closes, as long as the link is not cut.
func (l *Link) pass(to, from net.Conn) {
	defer func() {
		_ = to.Close()
		_ = from.Close()
		l.mu.Lock()
		delete(l.conns, to)
		delete(l.conns, from)
		l.mu.Unlock()
	}()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		l.mu.Lock()
		open := l.open
		l.mu.Unlock()
		<-open
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
