package main

import (
	"strings"
	"testing"
	"time"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		all  []float64
		want spread
	}{
		"one":  {[]float64{3}, spread{3, 3, 3}},
		"odd":  {[]float64{9, 1, 2}, spread{1, 2, 9}},
		"even": {[]float64{4, -1, 2, 8}, spread{-1, 3, 8}},
	} {
		if got, ok := spreadOf(c.all); !ok || got != c.want {
			t.Errorf("%s: %v, %t", name, got, ok)
		}
	}
	if _, ok := spreadOf(nil); ok {
		t.Error("nothing has a spread")
	}
}

func TestPercentiles(t *testing.T) {
	t.Parallel()
	var took []time.Duration
	for i := range 200 {
		took = append(took, time.Duration(200-i)*time.Microsecond)
	}
	if p50, p99 := percentiles(took); p50 != 100 || p99 != 198 {
		t.Errorf("p50 %g, p99 %g", p50, p99)
	}
	if p50, p99 := percentiles(took[:1]); p50 != 200 || p99 != 200 {
		t.Errorf("of one: p50 %g, p99 %g", p50, p99)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		control  spread
		measured bool
	}{
		"ok/about 2":        {spread{1.2, 2.1, 2.9}, true},
		"ok/at the edge":    {spread{1, 3, 3}, true},
		"deny/too little":   {spread{0.5, 0.9, 1.4}, true},
		"deny/too much":     {spread{2.9, 3.1, 3.4}, true},
		"deny/too wide":     {spread{0.9, 2, 3}, true},
		"deny/no control":   {spread{}, false},
		"deny/below nought": {spread{-3, -2, -2}, true},
	} {
		said := verdict(c.control, c.measured)
		if ok := strings.HasPrefix(name, "ok/"); (said == "") != ok {
			t.Errorf("%s: %q", name, said)
		}
		if said != "" && !strings.Contains(said, "differences of a few µs cannot be told here") {
			t.Errorf("%s: %q", name, said)
		}
	}
}

// TestComparesWithinARound: what slowed a whole round down is in no difference.
func TestComparesWithinARound(t *testing.T) {
	t.Parallel()
	at := func(round int, system, kind string, cpu float64) measurement {
		return measurement{Round: round, System: system, Algorithm: "HS256", use: use{kind, 1}, CPU: cpu}
	}
	r := &results{Measurements: []measurement{
		at(0, plain, one, 80), at(0, plain, bad, 70), at(0, "botlatch", one, 82), at(0, "botlatch", bad, 50),
		at(1, "botlatch", one, 163), at(1, plain, one, 160), at(1, plain, bad, 140), at(1, "botlatch", bad, 130),
		at(0, "haproxy-plain", one, 20), at(0, "haproxy", bad, 24),
	}}
	for name, c := range map[string]struct {
		system, other, kind string
		want                spread
	}{
		"good tokens":                       {"botlatch", plain, one, spread{2, 2.5, 3}},
		"bad tokens":                        {"botlatch", plain, bad, spread{-20, -15, -10}},
		"a base that does not look at them": {"haproxy", "haproxy-plain", bad, spread{4, 4, 4}},
	} {
		if got, ok := r.over(c.system, c.other, "HS256", use{c.kind, 1}, added); !ok || got != c.want {
			t.Errorf("%s: %v, %t", name, got, ok)
		}
	}
	if got, ok := r.over("botlatch", plain, "RS256", use{one, 1}, added); ok {
		t.Errorf("not measured, but %v", got)
	}
}
