package caddymodule_test

import (
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// cpuTime is how long this thread has worked: what others on the machine do does not count. The caller has locked its
// goroutine to the thread. getrusage would tell it too, but in steps of the scheduler's tick.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID, clock_gettime(2)
	return clock(t, threadClock)
}

// processTime is how long all threads of this process have worked.
func processTime(t testing.TB) time.Duration {
	t.Helper()
	const processClock = 2 // CLOCK_PROCESS_CPUTIME_ID
	return clock(t, processClock)
}

func clock(t testing.TB, id uintptr) time.Duration {
	t.Helper()
	var now syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&now)), 0); errno != 0 {
		t.Fatal(errno)
	}
	return time.Duration(now.Nano())
}
