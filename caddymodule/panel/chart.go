package panel

import (
	"cmp"
	"slices"
)

// What the chart is made of, in units of its own.
const (
	barWidth  = 220
	rowHeight = 28
	maxRows   = 8
)

// chart is a bar for each reason, the longest first. The least that there is can be seen.
type chart struct {
	Height int
	Rows   []row
}

type row struct {
	Decision

	Y, Text, Width int
}

// drawChart leaves out what never happened, and puts what is rare together.
func drawChart(all []Decision) chart {
	all = slices.DeleteFunc(slices.Clone(all), func(d Decision) bool { return d.Count == 0 })
	slices.SortStableFunc(all, func(a, b Decision) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason)) })
	if len(all) > maxRows {
		rest := Decision{Reason: "other"}
		for _, d := range all[maxRows-1:] {
			rest.Count += d.Count
		}
		all = append(all[:maxRows-1], rest)
	}
	most := 1
	for _, d := range all {
		most = max(most, d.Count)
	}
	c := chart{Height: rowHeight * max(1, len(all))}
	for i, d := range all {
		c.Rows = append(c.Rows, row{d, i * rowHeight, i*rowHeight + 18, max(2, barWidth*d.Count/most)})
	}
	return c
}
