package main

import (
	"fmt"
	"slices"
	"time"
)

// The kinds of tokens.
const (
	one  = "one"  // the same token again and again
	many = "many" // tokens that the system has not seen before, each sent once
	bad  = "bad"  // tokens with a signature that was changed, all different
)

// startTime is about how long a system takes from its start to its first request.
const startTime = 1200 * time.Millisecond

func kinds() []string      { return []string{one, many, bad} }
func algorithms() []string { return []string{"HS256", "RS256", "ES256", "EdDSA"} }

// plan is what to measure.
type plan struct {
	rounds                     int
	time                       time.Duration // of one measurement
	systems, algorithms, kinds []string
	connections                []int
	tokens                     int // how many different ones "many" and "bad" have
}

func defaultPlan() plan {
	p := plan{
		rounds: 5, time: time.Second, algorithms: algorithms(), kinds: kinds(), connections: []int{1, 32}, tokens: 10_000,
	}
	for _, s := range systems() {
		p.systems = append(p.systems, s.name)
	}
	return p
}

// A use is one way to ask a system: a case is a use, an algorithm and a system.
type use struct {
	Kind        string
	Connections int
}

// cases are the uses of a system that are measured; none: it cannot verify the algorithm. A proxy that is only there to be
// subtracted from its guarded twin is asked with one token alone, because it does not look at it.
func (p *plan) cases(s system, algorithm string) (all []use) {
	if s.lacks[algorithm] != "" {
		return nil
	}
	for _, kind := range p.kinds {
		if s.twin && kind != p.kinds[0] {
			continue
		}
		for _, n := range p.connections {
			all = append(all, use{kind, n})
		}
	}
	return all
}

// chosen are the systems to measure, with those that they are compared with.
func (p *plan) chosen(all []system) []system {
	names := append([]string{plain}, p.systems...)
	for _, s := range all {
		if slices.Contains(p.systems, s.name) {
			names = append(names, s.base)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(s system) bool { return !slices.Contains(names, s.name) })
}

// warm is for how long a system is asked before anything counts: Node compiles what is called often. warmCase is the same
// before each measurement.
func (p *plan) warm() time.Duration     { return p.time * 2 / 3 }
func (p *plan) warmCase() time.Duration { return p.time / 10 }

func unknown(words, known []string) error {
	for _, word := range words {
		if !slices.Contains(known, word) {
			return fmt.Errorf("%q is none of %v", word, known)
		}
	}
	return nil
}
