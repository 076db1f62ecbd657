package accesstoken_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// vector is a token and what becomes of it: a file of testdata/vectors, header lines, an empty line, the token.
type vector struct {
	name   string // of the file
	expect string // label of a row of deny, or ok
	rows   string // what it is a test of: lines of the tables named in required, separated by spaces
	why    string
	now    int64 // when it arrives, in seconds since 1970; 0: arrival
	token  string
}

// required are what the vectors must cover: the lines of our requirements for JOSE (J) that a token can break, and
// published attacks on others (A: algorithms and signatures, D: size and shape, S: keys that a token brings along).
const required = "J1 J2 J3 J4 J5 J6 J7 J8 J9 J10 J11 J12 J13 J14 A1 A3 A5 A6 A8 A9 A10 A12 D1 D2 D4 D7 D8 S2"

var algorithms = []string{
	"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
}

func (v vector) String() string {
	s := "expect: " + v.expect + "\nrow: " + v.rows + "\nwhy: " + v.why + "\n"
	if v.now != 0 {
		s += fmt.Sprintf("now: %d\n", v.now)
	}
	return s + "\n" + v.token + "\n"
}

func (v vector) arrives() time.Time { return time.Unix(v.now, 0) }

func parseVector(name, text string) (vector, error) {
	head, token, ok := strings.Cut(text, "\n\n")
	v := vector{name: name, now: arrival}
	if !ok || !strings.HasSuffix(token, "\n") {
		return v, errors.New("not header lines, an empty line, a token and a line end")
	}
	v.token = strings.TrimSuffix(token, "\n")
	for line := range strings.SplitSeq(head, "\n") {
		word, value, ok := strings.Cut(line, ": ")
		var err error
		switch {
		case !ok || value == "":
			err = errors.New("no value")
		case word == "expect":
			v.expect = value
		case word == "row":
			v.rows = value
		case word == "why":
			v.why = value
		case word == "now":
			v.now, err = strconv.ParseInt(value, 10, 64)
		default:
			err = errors.New("unknown word")
		}
		if err != nil {
			return v, fmt.Errorf("line %q: %w", line, err)
		}
	}
	if v.expect != "ok" && !slices.Contains(ofTokens(), v.expect) {
		return v, fmt.Errorf("expect: %q is neither ok nor a row that a token can meet", v.expect)
	}
	if v.rows == "" || v.why == "" {
		return v, errors.New("it does not say what it is for")
	}
	return v, nil
}

// readVectors reads every file of the directory.
func readVectors(t testing.TB) []vector {
	t.Helper()
	files, err := os.ReadDir(filepath.Join("testdata", "vectors"))
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	for _, file := range files {
		name, ok := strings.CutSuffix(file.Name(), ".txt")
		if !ok {
			t.Errorf("%s is not a vector", file.Name())
			continue
		}
		v, err := parseVector(name, read(t, "vectors", file.Name()))
		if err != nil {
			t.Errorf("%s: %v", file.Name(), err)
			continue
		}
		all = append(all, v)
	}
	return all
}

// One verifier meets all of them, at the same time: an odd token must not change what the next one meets (A7).
func TestVectors(t *testing.T) {
	t.Parallel()
	v := verifier(t)
	for _, vector := range readVectors(t) {
		t.Run(vector.expect+"/"+vector.name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // the second time a good one comes from the cache
				_, err := accept(t.Context(), v, vector.token, vector.arrives())
				wantLabel(t, err, vector.expect)
				if err != nil {
					tellsNothing(t, err, vector.token)
				}
			}
		})
	}
}

// What a table asks for must have a file.
func TestVectorsCoverRowsAndAlgorithms(t *testing.T) {
	t.Parallel()
	var covered []string
	for _, v := range readVectors(t) {
		covered = append(covered, v.expect)
		covered = append(covered, strings.Fields(v.rows)...)
		if v.expect == "ok" {
			covered = append(covered, algorithmOf(t, v.token))
		}
	}
	for _, want := range slices.Concat(ofTokens(), strings.Fields(required), algorithms) {
		if !slices.Contains(covered, want) {
			t.Errorf("no vector for %s", want)
		}
	}
}

func algorithmOf(t testing.TB, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	b, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	var h struct{ Alg string }
	if err := json.Unmarshal(b, &h); err != nil {
		t.Fatal(err)
	}
	return h.Alg
}
