package latchtest

import (
	"net"
	"sync"
	"testing"
)

// Listen is a server on loopback that speaks as it likes: serve gets each connection, on a goroutine of its own. At the
// end of the test every connection is closed, and serve must return then.
func Listen(t testing.TB, serve func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	open := make(map[net.Conn]struct{}) // nil: the test is over
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			over := open == nil
			if !over {
				open[conn] = struct{}{}
			}
			mu.Unlock()
			if over {
				_ = conn.Close()
				return
			}
			work.Go(func() {
				defer func() {
					_ = conn.Close()
					mu.Lock()
					defer mu.Unlock()
					delete(open, conn)
				}()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for conn := range open {
			_ = conn.Close()
		}
		open = nil
		mu.Unlock()
		work.Wait()
	})
	return listener.Addr().String()
}
