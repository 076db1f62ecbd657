package statuslist

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// vector is a list as the draft publishes it (testdata/README.md). Entries that are not named are 0.
type vector struct {
	Name     string
	Bits     int
	Entries  uint64
	Statuses map[string]uint8
	Lst      string
}

func vectors(t *testing.T) []vector {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 6 {
		t.Fatalf("%d vectors, want the draft's six", len(all))
	}
	return all
}

func TestTheDraftsVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			l, err := readList([]byte(`{"sub":"u","iat":1,"status_list":{"bits":`+strconv.Itoa(v.Bits)+`,"lst":"`+v.Lst+`"}}`), "u")
			if err != nil {
				t.Fatal(err)
			}
			set := 0
			for i := range v.Entries {
				want := v.Statuses[strconv.FormatUint(i, 10)]
				got, err := l.status(i)
				if err != nil || got != want {
					t.Fatalf("entry %d: %d, %v; want %d", i, got, err, want)
				}
				if want != 0 {
					set++
				}
			}
			if set != len(v.Statuses) || set == 0 {
				t.Errorf("%d entries are set, want %d", set, len(v.Statuses))
			}
			for _, beyond := range []uint64{v.Entries, v.Entries + 1, 1 << 32, 1 << 61, 1 << 63, 1<<64 - 1} {
				if got, err := l.status(beyond); err == nil {
					t.Errorf("entry %d is %d", beyond, got)
				}
			}
		})
	}
}
