package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// spread is what a figure was over the rounds.
type spread struct{ Min, Median, Max float64 }

// spreadOf returns false when there is no figure.
func spreadOf(all []float64) (spread, bool) {
	if len(all) == 0 {
		return spread{}, false
	}
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return spread{Min: sorted[0], Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Max: sorted[n-1]}, true
}

// percentiles are the times, µs, within which a half and 99 of 100 were answered.
func percentiles(took []time.Duration) (p50, p99 float64) {
	sorted := slices.Sorted(slices.Values(took))
	return microseconds(quantile(sorted, 0.50)), microseconds(quantile(sorted, 0.99))
}

// quantile is the least of sorted that a part of all does not exceed.
func quantile(sorted []time.Duration, part float64) time.Duration {
	i := int(math.Ceil(part*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// What the control has to read for small differences to mean something, µs.
const (
	controlLeast, controlMost = 1, 3
	controlWidest             = 2
)

// verdict tells what the control says of a case: it burns 2 µs. Empty: differences of 2 µs can be told.
func verdict(control spread, measured bool) string {
	const cannot = "differences of a few µs cannot be told here"
	switch {
	case !measured:
		return "the control was not measured: " + cannot
	case control.Median < controlLeast || control.Median > controlMost:
		return fmt.Sprintf("the control reads %.1f µs in place of 2: %s", control.Median, cannot)
	case control.Max-control.Min > controlWidest:
		return fmt.Sprintf("the control reads from %.1f to %.1f µs in place of 2: %s", control.Min, control.Max, cannot)
	}
	return ""
}
