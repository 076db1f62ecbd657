package main

import (
	"bufio"
	"context"
	"net"
	"sync/atomic"
)

// answer is what the bot says to everything.
const answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"locked\":\"true\"}"

// upstream is the bot. It does as little as a server can, because it shares the processors with what is measured.
type upstream struct {
	address  string
	listener net.Listener
	requests atomic.Int64 // that reached it
}

func startUpstream(ctx context.Context) (*upstream, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	u := &upstream{address: listener.Addr().String(), listener: listener}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go u.serve(conn)
		}
	}()
	return u, nil
}

func (u *upstream) close() { _ = u.listener.Close() }

// serve answers each request, which has no body, until the other side hangs up.
func (u *upstream) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for r := bufio.NewReader(conn); ; {
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) <= 2 {
				break
			}
		}
		u.requests.Add(1)
		if _, err := conn.Write([]byte(answer)); err != nil {
			return
		}
	}
}
