package filestore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// maxBytes bounds the file: some million entries.
const maxBytes = 256 << 20

// list is what a file says.
type list struct {
	entries map[revocation.Key]revocation.Entry
	order   []revocation.Key
}

// sight is a file as it was when it was looked at.
type sight struct {
	info os.FileInfo
	at   time.Time
}

// same reports whether the file is still the one that was seen. A file that changes in the moment of its reading may have
// the same time as before, so what was young then is another one.
func (s sight) same(info os.FileInfo) bool {
	return s.info != nil && os.SameFile(s.info, info) && info.Size() == s.info.Size() && info.ModTime().Equal(s.info.ModTime()) &&
		s.at.Sub(info.ModTime()) > settle
}

// read reads the whole file. One bad line refuses it all, so that a half-written one never shortens the list.
func read(path string, issuer *string) (seen sight, l *list, err error) {
	f, err := os.Open(path)
	if err != nil {
		return seen, nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return seen, nil, err
	}
	seen = sight{info, time.Now()}
	if !info.Mode().IsRegular() {
		return seen, nil, errors.New("is no file")
	}
	text, err := text(f)
	if err != nil {
		return seen, nil, err
	}
	// The time of an entry is the file's, but a file from the future must not hold up those who write elsewhere: the newest
	// entry is what clocks are held against.
	at := info.ModTime()
	if at.After(seen.at) {
		at = seen.at
	}
	l, err = parse(text, issuer, at)
	return seen, l, err
}

// text is all of a file that was written to its end.
func text(f io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	switch {
	case err != nil:
		return "", err
	case len(b) > maxBytes:
		return "", fmt.Errorf("is larger than %d bytes", maxBytes)
	case len(b) == 0:
		return "", errors.New("is empty: if nothing is revoked, write a comment that says so")
	case b[len(b)-1] != '\n':
		return "", errors.New("does not end with a line feed, as a file that is being written")
	}
	return string(bytes.TrimPrefix(b, []byte("\ufeff"))), nil
}

func parse(text string, issuer *string, at time.Time) (*list, error) {
	l := &list{entries: make(map[revocation.Key]revocation.Entry)}
	n := 0
	for line := range strings.Lines(text) {
		n++
		e, there, err := parseLine(strings.TrimRight(line, "\r\n"), issuer, at)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if !there {
			continue
		}
		l.put(e)
	}
	l.sort()
	return l, nil
}

// put takes an entry in; of two for one name the list keeps what both take out.
func (l *list) put(e revocation.Entry) {
	key := e.Key()
	if before, twice := l.entries[key]; twice {
		e = before.Merge(e)
	} else {
		l.order = append(l.order, key)
	}
	l.entries[key] = e
}

func (l *list) sort() {
	slices.SortFunc(l.order, func(a, b revocation.Key) int { return bytes.Compare(a[:], b[:]) })
}

// with is l and more.
func (l *list) with(more []revocation.Entry) *list {
	both := &list{entries: maps.Clone(l.entries), order: slices.Clone(l.order)}
	for _, e := range more {
		both.put(e)
	}
	both.sort()
	return both
}

// beyond are the entries of l that other does not have, or of which it says something else.
func (l *list) beyond(other *list) (entries []revocation.Entry) {
	for _, key := range l.order {
		e := l.entries[key]
		if there, ok := other.entries[key]; !ok || !there.IssuedBefore.Equal(e.IssuedBefore) || !there.ExpiresAt.Equal(e.ExpiresAt) {
			entries = append(entries, e)
		}
	}
	return entries
}
