//go:build !linux

package stream

import (
	"net"
	"time"
)

// limitUnacknowledged does nothing here: the system's own limit counts, which is some minutes.
func limitUnacknowledged(*net.TCPConn, time.Duration) {}
