package attacks_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// enough is how many distinct targets a corpus has at least.
const enough = 10_000

// A shot is one request that may move something on a bot which reads it carelessly.
type shot struct {
	method, target string
	fields         string // lines of its header, each ended by a line feed
	body           string // as it goes over the wire
}

// deed is something that a bot does: the path and the method that make it do so, written plainly. Its path may be longer
// in corpora than a bot needs it, never shorter.
type deed struct{ method, path string }

// corpus is at least enough distinct targets out of the paths of acts: each rule by itself, everywhere, and then pairs of
// rules, drawn with a fixed seed, so that every run shoots the same. What is written plainly is not among them. Behind
// them come other methods and header fields. In all of it {host} stands for the address of the site.
func corpus(acts []deed) []shot {
	seen, shots := make(map[string]bool), []shot{}
	add := func(method, target string) {
		if !seen[target] && sendable(target) {
			seen[target] = true
			shots = append(shots, shot{method: method, target: target})
		}
	}
	for _, a := range acts {
		for _, alter := range rules {
			for _, target := range alter(a.path) {
				add(a.method, target)
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for singles := slices.Clone(shots); len(seen) < max(enough+enough/5, 2*len(singles)); {
		first := singles[random.IntN(len(singles))]
		altered := rules[random.IntN(len(rules))](first.target)
		for range 4 {
			add(first.method, altered[random.IntN(len(altered))])
		}
	}
	for _, a := range acts {
		shots = slices.DeleteFunc(shots, func(s shot) bool { return s.target == a.path })
	}
	return append(shots, manners(acts)...)
}

// sendable reports whether target fits into a request line, however badly: a line feed would make two lines of it.
func sendable(target string) bool { return target != "" && !strings.Contains(target, "\n") }

// targets is how many distinct ones shots have.
func targets(shots []shot) int {
	distinct := make(map[string]bool)
	for _, s := range shots {
		distinct[s.target] = true
	}
	return len(distinct)
}

// each is every nth of shots.
func each(t *testing.T, shots []shot, nth int) []shot {
	t.Helper()
	if nth == 1 {
		return shots
	}
	var kept []shot
	for i := 0; i < len(shots); i += nth {
		kept = append(kept, shots[i])
	}
	t.Logf("every %d. shot of %d: %d", nth, len(shots), len(kept))
	return kept
}

func TestCorpusIsLargeAndTheSameInEveryRun(t *testing.T) {
	t.Parallel()
	first := corpus(routed)
	if n := targets(first); n < enough {
		t.Errorf("%d distinct targets, want %d", n, enough)
	}
	if !slices.Equal(first, corpus(routed)) {
		t.Error("another corpus when it is built again")
	}
	for _, s := range first {
		for _, a := range routed {
			if s.method == a.method && s.target == a.path && s.fields == "" {
				t.Errorf("%s %s is an act in plain writing", s.method, s.target)
			}
		}
	}
}
