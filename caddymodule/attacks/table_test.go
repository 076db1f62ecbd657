package attacks_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// families are how many rows the table in SECURITY.md has of each letter. A row is never taken out.
var families = map[byte]int{'H': 11, 'P': 21, 'A': 14, 'F': 10, 'C': 7, 'R': 8, 'S': 4, 'D': 8, 'L': 8, 'B': 28}

// ids are the rows that the table must have, F7b among them, and without A13, which was never given.
func ids() []string {
	found := []string{"F7b"}
	for letter, last := range families {
		for n := range last {
			if id := fmt.Sprintf("%c%d", letter, n+1); id != "A13" {
				found = append(found, id)
			}
		}
	}
	slices.Sort(found)
	return found
}

// Rows of the table, the parts of their last cell, and names of tests for rows.
var (
	rowLine  = regexp.MustCompile(`(?m)^\| ([A-Z]\d+b?) \| (.+?) \| (.+?) \|$`)
	testName = regexp.MustCompile("`(Test[HPAFCRSDLB]\\d+b?_\\w+)`")
	testOf   = regexp.MustCompile(`^Test([HPAFCRSDLB]\d+b?)_\w+$`)
)

// row is one line of the table.
type row struct {
	tests  []string
	reason bool // it says why there is no test, or what is not tested
}

// table is what SECURITY.md says.
func table(t *testing.T) map[string]row {
	t.Helper()
	text, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]row)
	for _, line := range rowLine.FindAllStringSubmatch(string(text), -1) {
		id, proof := line[1], line[3]
		if _, twice := rows[id]; twice {
			t.Errorf("SECURITY.md has two rows %s", id)
		}
		r := row{reason: strings.Contains(proof, " ")}
		for _, name := range testName.FindAllStringSubmatch(proof, -1) {
			r.tests = append(r.tests, name[1])
		}
		rows[id] = r
	}
	return rows
}

// written is every test of the repository that bears the id of a row.
func written(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && testOf.MatchString(f.Name.Name) {
				names[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestTheTableOfAttacksIsTrue(t *testing.T) {
	t.Parallel()
	rows, tests := table(t), written(t)
	for _, id := range ids() {
		r, there := rows[id]
		if !there {
			t.Errorf("SECURITY.md has no row %s", id)
		} else if len(r.tests) == 0 && !r.reason {
			t.Errorf("row %s names no test and no reason", id)
		}
	}
	for id, r := range rows {
		if !slices.Contains(ids(), id) {
			t.Errorf("row %s is not one of ours", id)
		}
		for _, name := range r.tests {
			if !tests[name] {
				t.Errorf("row %s names %s, which nobody wrote", id, name)
			}
			if testOf.FindStringSubmatch(name)[1] != id {
				t.Errorf("row %s names %s, the test of another row", id, name)
			}
			delete(tests, name)
		}
	}
	for name := range tests {
		t.Errorf("no row names %s", name)
	}
}
