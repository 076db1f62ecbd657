package attacks_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// A line is a connection that is kept for many requests, and opened again when the other side closes it.
type line struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
}

func newLine(address string) *line { return &line{address: address} }

func (l *line) close() {
	if l.conn != nil {
		_ = l.conn.Close()
		l.conn = nil
	}
}

// ask sends a request for an act with whatever stands in for a token, byte for byte, and returns the status. A kept
// connection that was closed meanwhile is not counted as an answer; a fresh one that is, is 0.
func (l *line) ask(t *testing.T, token string) int {
	t.Helper()
	for {
		fresh := l.conn == nil
		if fresh {
			conn, err := net.Dial("tcp", l.address)
			if errors.Is(err, syscall.ECONNRESET) {
				return 0 // dropped before it was accepted
			}
			if err != nil {
				t.Error(err)
				return 0
			}
			l.conn, l.in = conn, bufio.NewReader(conn)
		}
		if status := l.exchange("GET /servo/10 HTTP/1.1\r\nHost: " + l.address + "\r\nAuthorization: Bearer " + token + "\r\n\r\n"); status != 0 || fresh {
			return status
		}
	}
}

// exchange is 0 when no answer came.
func (l *line) exchange(wire string) int {
	_ = l.conn.SetDeadline(time.Now().Add(patience))
	_, err := io.WriteString(l.conn, wire)
	var res *http.Response
	if err == nil {
		res, err = http.ReadResponse(l.in, &http.Request{Method: http.MethodGet})
	}
	if err != nil {
		l.close()
		return 0
	}
	_, err = io.Copy(io.Discard, res.Body)
	if res.Close || err != nil {
		l.close()
	}
	return res.StatusCode
}
