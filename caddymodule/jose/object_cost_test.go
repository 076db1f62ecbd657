package jose_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// TestManyMembersAreLinear: sixteen times the members of one object take sixteen times as long, give or take; to compare
// each with each would take 256 times as long.
func TestManyMembersAreLinear(t *testing.T) {
	for name, member := range map[string]string{"plain": `"%d":0`, "escaped": `"\\u0061%d":0`, "long": `"` + repeat("a", 60) + `%d":0`} {
		text := func(n int) []byte {
			var b bytes.Buffer
			for i := range n {
				fmt.Fprintf(&b, ","+member, i)
			}
			return append([]byte("{"), append(b.Bytes()[1:], '}')...)
		}
		const few, many = 750, 16 * 750
		small, large := text(few), text(many)
		took := func(b []byte, n int) time.Duration {
			began := time.Now()
			if o, err := jose.ParseObject(b); err != nil || len(o) != n {
				t.Fatalf("%d of %d members, %v", len(o), n, err)
			}
			return time.Since(began)
		}
		ratio := 0.0
		for range 12 { // others on the machine make a run slower, and hardly ever faster
			smalls, fastest := make([]time.Duration, 16), time.Hour
			for i := range smalls {
				smalls[i] = took(small, few)
			}
			for range 4 {
				fastest = min(fastest, took(large, many))
			}
			slices.Sort(smalls)
			if ratio = float64(fastest) / float64(smalls[len(smalls)/2]); ratio <= 90 {
				break
			}
		}
		if ratio > 90 {
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
