package main

import (
	"bytes"
	"fmt"
	"strings"
)

// none stands in cells of what is not measured.
const none = "–"

// table is the report, in Markdown.
func (b *benchmark) table() []byte {
	var t bytes.Buffer
	b.heading(&t)
	for _, kind := range b.plan.kinds {
		for _, n := range b.plan.connections {
			b.section(&t, use{kind, n})
		}
	}
	return t.Bytes()
}

func (b *benchmark) heading(t *bytes.Buffer) {
	r, m := &b.results, &b.results.Machine
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(t, format+"\n", args...) }
	say("# What a check of tokens costs\n")
	say("Made by `go run -C examples/benchmark .` on %s: %d processors (%s), %s, %s. %s. %d rounds, %g s a case.\n",
		m.Date, m.Processors, m.Processor, m.Kernel, m.Go, strings.Join(m.Versions, ", "), r.Rounds, r.Seconds)
	say("Clients, system and bot share the processors. CPU is the time of the system's process for a request, µs. Figures are")
	say("min–median–max over the rounds, ratios median (min–max). *Over caddy* is the difference to plain Caddy in the same")
	say("round; *the check* is the difference to the same proxy without a check: for HAProxy and Express their own. Requests per")
	say("second, p50 and p99 are ratios to plain Caddy in the same round. Memory, MB, is that of the process before its first")
	say("request → after the case, medians.\n")
	say("Caddy with the latch sends the bot smaller requests than plain Caddy does, because `Authorization` is taken out. That")
	say("flatters the latch; *strip* takes it out too and does nothing else. *control* is plain Caddy and 2 µs of work: where it")
	say("does not read about 2, the line behind the table says so. Caddy, strip and control let bad tokens through to the bot:")
	say("their figure there is what proxying costs.\n")
	say("| system | |\n|---|---|")
	for _, s := range b.all {
		say("| %s | %s |", s.name, s.what)
	}
}

func (b *benchmark) section(t *bytes.Buffer, u use) {
	title := u.String()
	_, _ = fmt.Fprintf(t, "\n## %s%s\n\n", strings.ToUpper(title[:1]), title[1:])
	_, _ = fmt.Fprintln(t, "| | system | CPU | over caddy | the check | requests/s × | p50 × | p99 × | memory |")
	_, _ = fmt.Fprintln(t, "|---|---|---:|---:|---:|---:|---:|---:|---:|")
	var notes []string
	for _, algorithm := range b.plan.algorithms {
		for _, s := range b.all {
			if s.twin && (u.Kind != b.plan.kinds[0] || s.lacks[algorithm] != "") {
				continue
			}
			if why := s.lacks[algorithm]; why != "" {
				_, _ = fmt.Fprintf(t, "| %s | %s |%s\n", algorithm, s.name, strings.Repeat(" "+none+" |", 7))
				notes = append(notes, fmt.Sprintf("%s, %s: %s.", algorithm, s.name, why))
				continue
			}
			_, _ = fmt.Fprintln(t, b.row(s, algorithm, u))
		}
		if note := verdict(b.results.over(control, plain, algorithm, u, added)); note != "" {
			notes = append(notes, fmt.Sprintf("%s: %s.", algorithm, note))
		}
	}
	for _, note := range notes {
		_, _ = fmt.Fprintf(t, "\n%s\n", note)
	}
}

// row is a system in a case.
func (b *benchmark) row(s system, algorithm string, u use) string {
	cell := func(other string, compare func(m, o measurement) float64, format func(spread) string) string {
		found, ok := b.results.over(s.name, other, algorithm, u, compare)
		if !ok {
			return none
		}
		return format(found)
	}
	over, check := none, none // nothing is compared with itself
	if s.name != plain {
		over = cell(plain, added, inRange)
	}
	if s.name != s.base {
		check = cell(s.base, added, inRange)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s | %s | %s → %s |", algorithm, s.name,
		cell(plain, itself, inRange), over, check, cell(plain, rate, ratio), cell(plain, p50, ratio), cell(plain, p99, ratio),
		cell(plain, idle, whole), cell(plain, memory, whole))
}

// Forms of figures.
func inRange(f spread) string { return fmt.Sprintf("%.1f–**%.1f**–%.1f", f.Min, f.Median, f.Max) }
func ratio(f spread) string   { return fmt.Sprintf("%.2f (%.2f–%.2f)", f.Median, f.Min, f.Max) }
func whole(f spread) string   { return fmt.Sprintf("%.0f", f.Median) }
