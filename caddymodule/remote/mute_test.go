package remote

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestAPublisherThatSaysNothingKeepsNoConnection: it takes connections, and never answers the first word of TLS.
func TestAPublisherThatSaysNothingKeepsNoConnection(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open, taken atomic.Int64
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			taken.Add(1)
			open.Add(1)
			serving.Go(func() {
				defer open.Add(-1)
				defer func() { _ = conn.Close() }()
				_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
				for b := make([]byte, 1<<10); ; {
					if _, err := conn.Read(b); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { _ = l.Close() })
	d, err := New("https://"+l.Addr().String(), parse, Options{Timeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	for deadline := time.Now().Add(10 * time.Second); taken.Load() < 3; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is not asked")
		}
	}
	time.Sleep(300 * time.Millisecond)
	if n := open.Load(); n > 0 {
		t.Errorf("%d of %d connections are still open, and their fetches are given up", n, taken.Load())
	}
}
