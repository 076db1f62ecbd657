package stream

import (
	"crypto/tls"
	"net"
	"time"
)

// silence is how long a client's machine may say nothing, not even that it has received something, before it counts as
// gone: keep-alive probes after idle, and then each second.
const (
	idle    = 2 * time.Second
	between = time.Second
	probes  = 3
	silence = idle + probes*between
)

// WatchLine makes a connection end within some five seconds when the other machine, or the network to it, is gone. Probes
// alone are not enough: they are not sent while data is on its way that nobody acknowledges. What is no TCP connection is
// left as it is.
func WatchLine(line net.Conn) {
	tcp := below(line)
	if tcp == nil {
		return
	}
	_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: idle, Interval: between, Count: probes})
	limitUnacknowledged(tcp, silence)
}

// below is the TCP connection that carries line, or nil.
func below(line net.Conn) *net.TCPConn {
	for line != nil {
		switch c := line.(type) {
		case *net.TCPConn:
			return c
		case *tls.Conn:
			line = c.NetConn()
		case interface{ NetConn() net.Conn }:
			line = c.NetConn()
		default:
			return nil
		}
	}
	return nil
}
