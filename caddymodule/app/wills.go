package app

import "time"

// LeaveWill runs send beside the stream that left it. The end of the process waits for it, but not for long.
func LeaveWill(send func()) {
	process.wills.Add(1)
	go func() {
		defer process.wills.Add(-1)
		send()
	}()
}

// waitForStreams waits until nothing is open and every last will is sent, but not longer than limit.
func waitForStreams(limit time.Duration) {
	for began := time.Now(); time.Since(began) < limit; time.Sleep(lookEvery) {
		if process.streams.Len() == 0 && process.wills.Load() == 0 {
			return
		}
	}
}
