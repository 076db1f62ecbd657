//go:build !linux

package caddymodule_test

import (
	"testing"
	"time"
)

var started = time.Now()

// cpuTime is the time that went by, where a thread's own is not to be had.
func cpuTime(testing.TB) time.Duration { return time.Since(started) }

// processTime is the same.
func processTime(testing.TB) time.Duration { return time.Since(started) }
