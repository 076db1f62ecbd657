package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// results are all that a run found.
type results struct {
	Machine      machine
	Rounds       int
	Seconds      float64 // of one measurement
	Measurements []measurement
}

// String is the use as headings have it.
func (u use) String() string {
	kind := map[string]string{one: "one token", many: "tokens that were never seen before", bad: "bad tokens"}[u.Kind]
	if u.Connections == 1 {
		return kind + ", 1 connection"
	}
	return fmt.Sprintf("%s, %d connections", kind, u.Connections)
}

// over compares a figure of a system with that of another in the same round. The other, when it was measured with one kind
// of tokens only, does not look at tokens: that kind stands for all.
func (r *results) over(system, other, algorithm string, u use, compare func(m, o measurement) float64) (spread, bool) {
	var all []float64
	for _, m := range r.Measurements {
		if m.System != system || m.Algorithm != algorithm || m.use != u {
			continue
		}
		if o, ok := r.find(m.Round, other, algorithm, u); ok {
			all = append(all, compare(m, o))
		}
	}
	return spreadOf(all)
}

func (r *results) find(round int, system, algorithm string, u use) (found measurement, ok bool) {
	for _, m := range r.Measurements {
		if m.Round != round || m.System != system || m.Algorithm != algorithm || m.Connections != u.Connections {
			continue
		}
		if m.Kind == u.Kind {
			return m, true
		}
		found, ok = m, true
	}
	return found, ok
}

// Comparisons.
func added(m, o measurement) float64  { return m.CPU - o.CPU }
func itself(m, _ measurement) float64 { return m.CPU }
func rate(m, o measurement) float64   { return m.Rate / o.Rate }
func p50(m, o measurement) float64    { return m.P50 / o.P50 }
func p99(m, o measurement) float64    { return m.P99 / o.P99 }
func idle(m, _ measurement) float64   { return m.Idle }
func memory(m, _ measurement) float64 { return m.Memory }

// write puts the results into a folder.
func (b *benchmark) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // results are for everybody
		return err
	}
	text, err := json.Marshal(&b.results)
	if err != nil {
		return err
	}
	text = bytes.ReplaceAll(text, []byte("},{"), []byte("},\n{"))                                       // a measurement a line
	if err := os.WriteFile(filepath.Join(dir, "results.json"), append(text, '\n'), 0o644); err != nil { //nolint:gosec // as above
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "results.md"), b.table(), 0o644); err != nil { //nolint:gosec // as above
		return err
	}
	return b.chart(filepath.Join(dir, "chart.svg"))
}
