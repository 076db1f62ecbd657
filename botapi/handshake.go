package botapi

import (
	"bufio"
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// checkHandshake says why Accept would refuse, as a problem instead of plain text. It lets Accept try it on a writer that
// nobody can take the connection from, which is what it asks last.
//
// The Origin stays checked as the library does by default: where there is one, it must name the Host that was asked. Any
// page in the owner's browser can reach loopback, and no CORS keeps a WebSocket from it; programs send no Origin. So a
// proxy in front must leave Host as it was.
func checkHandshake(r *http.Request) *problem {
	said := &verdict{header: make(http.Header)}
	_, err := websocket.Accept(said, r, nil)
	if err == nil || said.status == http.StatusNotImplemented {
		return nil
	}
	details := map[int]string{
		http.StatusUpgradeRequired:  "a WebSocket handshake is expected",
		http.StatusMethodNotAllowed: "a WebSocket handshake is a GET",
		http.StatusForbidden:        "Origin names another host than Host",
		http.StatusBadRequest:       "the WebSocket handshake is not one of RFC 6455, version 13",
	}
	p := newProblem(said.status, details[said.status])
	for _, name := range []string{"Connection", "Upgrade", "Sec-Websocket-Version"} {
		if value := said.header.Get(name); value != "" {
			p.header.Set(name, value)
		}
	}
	if said.status == http.StatusMethodNotAllowed {
		p.header.Set("Allow", http.MethodGet)
	}
	return p
}

// taking keeps the connection that is taken from it. CloseNow waits for a Close that waits for the client, closing the
// connection does not.
type taking struct {
	http.ResponseWriter

	conn net.Conn
}

// Hijack takes the connection.
func (t *taking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(t.ResponseWriter).Hijack()
	t.conn = conn
	return conn, rw, err
}

// Interface guards
var _ http.Hijacker = (*taking)(nil)
