//go:build ignore

// Tally reads `go test -json`, shows each package and what failed, and adds "passed failed skipped" as a line to the
// file named by its argument. It exits 1 when a test failed or was skipped, when a package did not build, or when no
// test ran at all.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// An event is one line of `go test -json` (go doc test2json); build output has ImportPath in place of Package.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

type tally struct {
	passed, failed, skipped int
	broken                  int                 // packages that failed without a failed test
	output                  map[string][]string // what a test or a package said so far
	failing                 map[string]bool     // packages with a failed test
}

func main() {
	t := tally{output: make(map[string][]string), failing: make(map[string]bool)}
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
	if err := t.record(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
	fmt.Printf("tests: %d passed, %d failed, %d skipped; packages that broke: %d\n", t.passed, t.failed, t.skipped, t.broken)
	if t.passed == 0 || t.failed+t.skipped+t.broken > 0 {
		os.Exit(1)
	}
}

func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		var e event
		switch {
		case err == io.EOF && line == "":
			return nil
		case err != nil && err != io.EOF:
			return err
		case !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &e) != nil:
			fmt.Print(line) // not from a test
		default:
			t.add(e)
		}
	}
}

func (t *tally) add(e event) {
	name := strings.TrimSpace(e.Package + " " + e.Test)
	switch {
	case e.Action == "build-output":
		fmt.Print(e.Output)
	case e.Action == "output":
		t.output[name] = append(t.output[name], e.Output)
	case e.Test == "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
		t.addPackage(e)
	case e.Action == "pass":
		t.passed++
		delete(t.output, name)
	case e.Action == "fail":
		t.failed++
		t.failing[e.Package] = true
		t.show("FAILED", name)
	case e.Action == "skip":
		t.skipped++
		t.show("SKIPPED", name)
	}
}

// addPackage ends a package. Its skip means that it has no tests; what is left of the output of its tests belongs to
// tests that never ended: a panic or a timeout.
func (t *tally) addPackage(e event) {
	word := map[string]string{"pass": "ok", "fail": "FAIL", "skip": "--"}[e.Action]
	fmt.Printf("%-4s %s %.1fs\n", word, e.Package, e.Elapsed)
	for name := range t.output {
		if name != e.Package && !strings.HasPrefix(name, e.Package+" ") {
			continue
		}
		if e.Action == "fail" {
			t.show("BROKEN", name)
		}
		delete(t.output, name)
	}
	if e.Action == "fail" && !t.failing[e.Package] {
		t.broken++
	}
}

// show leaves out the middle of what is long: a reason stands at its beginning or its end.
func (t *tally) show(word, name string) {
	said, left := t.output[name], ""
	if n := len(said) - 60; n > 0 {
		said, left = append(said[:20:20], said[20+n:]...), fmt.Sprintf(" (%d lines of its middle are left out)", n)
	}
	fmt.Printf("%s: %s%s\n%s", word, name, left, strings.Join(said, ""))
	delete(t.output, name)
}

func (t *tally) record(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(f, t.passed, t.failed+t.broken, t.skipped); err != nil {
		return err
	}
	return f.Close()
}
