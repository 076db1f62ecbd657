package main

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"os"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Size of the chart.
const (
	chartWidth  = 9 * vg.Inch
	chartHeight = 4.5 * vg.Inch
)

// groupWidth is the share of the axis that the bars of an algorithm take.
const groupWidth = 0.84

// chart draws what the check of each system costs, for the first kind of tokens and the most connections.
func (b *benchmark) chart(path string) error {
	u := use{b.plan.kinds[0], slices.Max(b.plan.connections)}
	p := plot.New()
	p.BackgroundColor = color.White
	p.Title.Text = "What the check of a token adds to the same proxy without it: " + u.String()
	p.Title.Padding = vg.Points(8)
	p.Y.Label.Text = "CPU per request (µs)"
	p.X.Label.Text = "signature of the token"
	p.Legend.Top, p.Legend.Padding = true, vg.Points(2)
	p.NominalX(b.plan.algorithms...)
	for _, style := range []*draw.TextStyle{
		&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle,
	} {
		style.Font.Variant = "Sans"
	}
	bars := slices.DeleteFunc(slices.Clone(b.all), func(s system) bool { return s.refusal == 0 && s.name != control })
	top := 0.0
	for i, s := range bars {
		highest, err := b.bars(p, s, u, i, len(bars))
		if err != nil {
			return err
		}
		top = max(top, highest)
	}
	p.Y.Max, p.Y.Min = top*1.25, min(p.Y.Min, 0) // room for the legend
	p.X.Min, p.X.Max = -0.5, float64(len(b.plan.algorithms))-0.5
	canvas := vgsvg.New(chartWidth, chartHeight)
	p.Draw(draw.New(canvas))
	var text bytes.Buffer
	if _, err := canvas.WriteTo(&text); err != nil {
		return err
	}
	// Who does not have the font that the library measures with has one that is alike.
	svg := bytes.ReplaceAll(text.Bytes(), []byte("Liberation Sans"), []byte("Liberation Sans,Arial,Helvetica,sans-serif"))
	return os.WriteFile(path, svg, 0o644) //nolint:gosec // results are for everybody
}

// bars draws a system, the i-th of n in each group, and returns the top of its highest bar.
func (b *benchmark) bars(p *plot.Plot, s system, u use, i, n int) (top float64, err error) {
	fill, width := palette()[i%len(palette())], groupWidth/float64(n)
	var ends errorBars
	var values plotter.XYLabels
	for group, algorithm := range b.plan.algorithms {
		f, ok := b.results.over(s.name, s.base, algorithm, u, added)
		if !ok {
			continue
		}
		left := float64(group) - groupWidth/2 + float64(i)*width
		right, middle := left+width*0.9, left+width*0.45
		bar, err := plotter.NewPolygon(plotter.XYs{{X: left}, {X: right}, {X: right, Y: f.Median}, {X: left, Y: f.Median}})
		if err != nil {
			return 0, err
		}
		bar.Color, bar.LineStyle.Width = fill, 0
		p.Add(bar)
		if len(ends.XYs) == 0 {
			p.Legend.Add(s.name, bar)
		}
		ends.XYs = append(ends.XYs, plotter.XY{X: middle, Y: f.Median})
		ends.YErrors = append(ends.YErrors, struct{ Low, High float64 }{f.Median - f.Min, f.Max - f.Median})
		values.XYs = append(values.XYs, plotter.XY{X: middle, Y: max(f.Max, 0)})
		values.Labels = append(values.Labels, short(f.Median))
		top = max(top, f.Max)
	}
	if len(ends.XYs) == 0 {
		return 0, nil
	}
	bars, err := plotter.NewYErrorBars(ends)
	if err != nil {
		return 0, err
	}
	labels, err := plotter.NewLabels(values)
	if err != nil {
		return 0, err
	}
	for j := range labels.TextStyle {
		labels.TextStyle[j].XAlign, labels.TextStyle[j].Font.Size = draw.XCenter, vg.Points(9)
		labels.TextStyle[j].Font.Variant = "Sans"
	}
	labels.Offset.Y = vg.Points(2)
	p.Add(bars, labels)
	return top, nil
}

// short has a decimal where it says something.
func short(x float64) string {
	if math.Abs(x) < 10 {
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

// errorBars are the ends of the bars: min and max.
type errorBars struct {
	plotter.XYs
	plotter.YErrors
}

// palette has a colour for each system; those who see few colours tell them apart too (Okabe and Ito).
func palette() []color.Color {
	return []color.Color{
		color.RGBA{0x99, 0x99, 0x99, 0xff},
		color.RGBA{0x00, 0x9e, 0x73, 0xff},
		color.RGBA{0xe6, 0x9f, 0x00, 0xff},
		color.RGBA{0x00, 0x72, 0xb2, 0xff},
		color.RGBA{0xcc, 0x79, 0xa7, 0xff},
		color.RGBA{0xd5, 0x5e, 0x00, 0xff},
	}
}
