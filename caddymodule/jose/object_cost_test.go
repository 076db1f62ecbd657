package jose_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// TestManyMembersAreLinear: sixteen times the members of one object take sixteen times as long, give or take; to compare
// each with each would take 256 times as long.
func TestManyMembersAreLinear(t *testing.T) {
	for name, member := range map[string]string{"plain": `"%d":0`, "escaped": `"\\u0061%d":0`, "long": `"` + repeat("a", 60) + `%d":0`} {
		fastest := func(n int) time.Duration {
			var b bytes.Buffer
			for i := range n {
				fmt.Fprintf(&b, ","+member, i)
			}
			text, best := append([]byte("{"), append(b.Bytes()[1:], '}')...), time.Hour
			for range 5 {
				began := time.Now()
				if o, err := jose.ParseObject(text); err != nil || len(o) != n {
					t.Fatalf("%d of %d members, %v", len(o), n, err)
				}
				best = min(best, time.Since(began))
			}
			return best
		}
		if ratio := float64(fastest(12_000)) / float64(fastest(750)); ratio > 90 {
			t.Errorf("%s: 16 times the members take %.0f times as long", name, ratio)
		}
	}
}

// The limit is far above the tenth of a second that a MiB takes, and far below what a quadratic reader would.
func TestParseObjectIsLinear(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString(`{"a":[`)
	for b.Len() < 1<<20-200 {
		b.WriteString(`{"\ud83e\udd16":[1,2]},`)
	}
	b.WriteString(`0]}`)
	start := time.Now()
	if _, err := jose.ParseObject(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("a MiB took %s", took)
	}
}
