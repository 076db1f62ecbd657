package command

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// Bounds of an export, bytes.
const (
	maxLine   = 64 << 10
	maxExport = 1 << 30
)

// exportLine is an entry or, with Exported, the last line.
type exportLine struct {
	revocation.Entry
	Exported *int `json:"exported"`
}

// readExport reads an export, whole and valid, or says in which line it is not. No error shows a name.
func readExport(r io.Reader) ([]revocation.Entry, error) {
	bounded := &io.LimitedReader{R: r, N: maxExport}
	lines := bufio.NewScanner(bounded)
	lines.Buffer(nil, maxLine)
	var entries []revocation.Entry
	number, ended := 0, false
	for lines.Scan() {
		number++
		if ended {
			return nil, fmt.Errorf("line %d: stands behind the line that says how many entries there are", number)
		}
		line, err := parseLine(lines.Bytes())
		switch {
		case err != nil:
			return nil, fmt.Errorf("line %d: %w", number, err)
		case line.Exported == nil:
			entries = append(entries, line.Entry)
		case *line.Exported != len(entries):
			return nil, fmt.Errorf("line %d: says that there are %d entries, and %d were read", number, *line.Exported, len(entries))
		default:
			ended = true
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d: longer than %d bytes", number+1, maxLine)
	case err != nil:
		return nil, fmt.Errorf("line %d: %w", number+1, err)
	case bounded.N == 0:
		return nil, fmt.Errorf("longer than %d bytes", maxExport)
	case !ended:
		return nil, fmt.Errorf(`it ends with line %d, before the line that says how many entries there are, such as {"exported":3}: it was cut off`, number)
	}
	return entries, nil
}

func parseLine(b []byte) (line exportLine, err error) {
	if len(bytes.TrimSpace(b)) == 0 {
		return line, errors.New("is empty")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&line); err != nil {
		return line, errNoEntry // the decoder's reason may quote a value
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return line, errNoEntry
	}
	if line.Exported != nil {
		if line.Entry != (revocation.Entry{}) {
			return line, errNoEntry
		}
		return line, nil
	}
	return line, line.Canonical().Validate()
}

var errNoEntry = errors.New("is not one entry in JSON, as export writes it")
