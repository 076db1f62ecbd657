package main

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// machine is where and with what a run was made.
type machine struct {
	Date, Processor, Kernel, Go string
	Processors                  int
	Versions                    []string
}

func thisMachine(p *programs, all []system) (m machine, err error) {
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return m, err
	}
	m = machine{
		Date: time.Now().UTC().Format(time.DateOnly), Kernel: "Linux " + strings.TrimSpace(string(kernel)),
		Go: runtime.Version(), Processors: runtime.NumCPU(), Processor: processor(),
	}
	for _, s := range all {
		version, err := s.versions(p)
		if err != nil {
			return m, err
		}
		if !slices.Contains(m.Versions, version) {
			m.Versions = append(m.Versions, version)
		}
	}
	return m, nil
}

// processor is the model, where the kernel tells it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
