package main

import (
	"fmt"
	"slices"
	"text/tabwriter"
)

// print writes the table: the least, the middle and the greatest of all rounds.
func (m *measurement) print() error {
	half := m.streams / 2
	table := tabwriter.NewWriter(m.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(table, "\n%d WebSockets, %d rounds\tmin\tmedian\tmax\t\n", m.streams, m.rounds)
	for _, row := range []struct {
		what, unit string
		found      []float64
	}{
		{"memory of a stream, Caddy alone", "KiB", scaled(m.plain, 1./1024)},
		{"memory of a stream, with the latch", "KiB", scaled(m.latched, 1./1024)},
		{"one revoked of all, close frame after", "ms", m.single},
		{"the same, 99 of 100 after", "ms", []float64{at(m.single, 0.99)}},
		{fmt.Sprintf("%d revoked by subject, half of them after", half), "ms", m.middle},
		{"99 of 100 of them after", "ms", m.late},
		{"the last of them after", "ms", m.last},
		{"the other half, the last of them after", "ms", m.all},
	} {
		_, _ = fmt.Fprintf(table, "%s\t%.1f\t%.1f\t%.1f\t%s\n", row.what, at(row.found, 0), at(row.found, 0.5), at(row.found, 1), row.unit)
	}
	return table.Flush()
}

// at is the value below which a part of all lies.
func at(all []float64, part float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
}

func scaled(all []float64, by float64) (some []float64) {
	for _, x := range all {
		some = append(some, x*by)
	}
	return some
}
