// Benchmark measures what a check of tokens costs in front of a bot: this latch, HAProxy, Express, caddy-security, and
// proxies that check nothing, on this machine and in one run. It writes a table and a chart.
//
// # How it measures
//
// A round starts every system anew, in another order each time, sends it requests over connections that are kept, and
// stops it. Systems are compared with plain Caddy in the same round, so that what slows the machine down for a while
// slows both down; that a process may be a little faster or slower for all its life shows as noise between rounds. The CPU
// time is that of the system's process, read from /proc; clients and bot are in this process.
//
// The system named control is plain Caddy and 2 µs of work. Where the run does not read about 2 µs for it, the table says
// so: differences of that size mean nothing there.
//
// Every answer has to be the right one. A system that lets a bad token pass, or refuses a good one, ends the run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	p, out := defaultPlan(), "results"
	var names []string
	for _, s := range systems() {
		names = append(names, s.name)
	}
	flag.IntVar(&p.rounds, "rounds", p.rounds, "how often everything is measured")
	flag.DurationVar(&p.time, "time", p.time, "how long each case is measured")
	list(&p.systems, "systems", names, "plain Caddy is always measured")
	list(&p.algorithms, "algorithms", algorithms(), "of the signatures")
	list(&p.kinds, "tokens", kinds(), "one token, many that were never seen before, bad ones")
	flag.Func("connections", "how many clients ask at a time (default 1,32)", func(text string) (err error) {
		p.connections, err = numbers(text)
		return err
	})
	flag.StringVar(&out, "out", out, "folder for results.md, results.json and chart.svg")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	b := &benchmark{plan: p, progress: os.Stderr, all: systems()}
	err := b.run(ctx)
	if err == nil {
		err = b.write(out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		stop()
		os.Exit(1)
	}
}

// list is a flag of words, of which only known ones are taken.
func list(into *[]string, name string, known []string, usage string) {
	flag.Func(name, fmt.Sprintf("%s (default %s)", usage, strings.Join(known, ",")), func(text string) error {
		words := strings.Split(text, ",")
		*into = words
		return unknown(words, known)
	})
}

func numbers(text string) (all []int, err error) {
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number of connections", word)
		}
		all = append(all, n)
	}
	return all, nil
}

// estimate is about how long a run of p takes.
func (p *plan) estimate(all []system) time.Duration {
	var total time.Duration
	for _, algorithm := range p.algorithms {
		for _, s := range all {
			if cases := len(p.cases(s, algorithm)); cases > 0 {
				total += startTime + p.warm() + time.Duration(cases)*(p.time+p.warmCase())
			}
		}
	}
	return total * time.Duration(p.rounds)
}
