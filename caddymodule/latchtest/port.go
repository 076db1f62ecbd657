package latchtest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Ports of tests are below those that systems give to connections and to listeners without a port of their own, so that
// none of these takes one while its latch is being started again. Each has a second port, held for as long as its test
// runs, that says to all other tests of this machine whose it is.
const (
	firstPort = 10000
	ports     = 3000
)

// FreePort is a port of loopback that nobody listens on, and that no other test gets before this one ends.
func FreePort(t testing.TB) string {
	t.Helper()
	for range 20 * ports {
		port := firstPort + rand.IntN(ports)
		if hold, err := net.Listen("tcp", loopback(port+ports)); err == nil {
			if try, err := net.Listen("tcp", loopback(port)); err == nil {
				_ = try.Close()
				t.Cleanup(func() { _ = hold.Close() })
				return strconv.Itoa(port)
			}
			_ = hold.Close()
		}
	}
	t.Fatalf("no port of %d to %d is free", firstPort, firstPort+ports-1)
	return ""
}

// FreeAddress is FreePort with 127.0.0.1 before it.
func FreeAddress(t testing.TB) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", FreePort(t))
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
