package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/PID/stat: USER_HZ, which is 100 everywhere.
const tick = 10 * time.Millisecond

// usage is the CPU time that a process and its children have taken.
type usage struct {
	threads map[string]time.Duration // by the path of each: exact, but a thread that ends takes its time along
	ticks   time.Duration            // in steps of 10 ms, with the threads that have ended
}

// usageOf reads /proc.
func usageOf(pid int) (*usage, error) {
	u := &usage{threads: make(map[string]time.Duration)}
	return u, u.add(pid)
}

func (u *usage) add(pid int) error {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil {
		return err
	}
	for _, task := range tasks {
		if text, err := os.ReadFile(task + "/schedstat"); err == nil {
			nanoseconds, _, _ := strings.Cut(string(text), " ")
			n, err := strconv.ParseInt(nanoseconds, 10, 64)
			if err != nil {
				return err
			}
			u.threads[task] = time.Duration(n)
		}
		children, _ := os.ReadFile(task + "/children") // not every kernel has it, and no system here has children
		for _, child := range strings.Fields(string(children)) {
			pid, err := strconv.Atoi(child)
			if err != nil {
				return err
			}
			if err := u.add(pid); err != nil {
				return err
			}
		}
	}
	ticks, err := ticksOf(pid)
	u.ticks += ticks
	return err
}

// ticksOf is utime and stime of proc_pid_stat(5). The name in brackets may hold anything.
func ticksOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var total time.Duration
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(n) * tick
	}
	return total, nil
}

// since is what was taken between two readings. When a thread has ended between them, or the kernel counts no threads, it is
// in steps of 10 ms.
func (u *usage) since(before *usage) time.Duration {
	if len(u.threads) == 0 {
		return u.ticks - before.ticks
	}
	var total time.Duration
	for task, taken := range u.threads {
		total += taken - before.threads[task]
	}
	for task := range before.threads {
		if _, alive := u.threads[task]; !alive {
			return u.ticks - before.ticks
		}
	}
	return total
}

// memoryOf is what a process has of it, bytes.
func memoryOf(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(status), "VmRSS:")
	if !found {
		return 0, fmt.Errorf("process %d has ended", pid)
	}
	kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kib * 1024, err
}
