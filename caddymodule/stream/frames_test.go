package stream

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// aFrame is one frame as a server sends it, or masked as a client does.
func aFrame(first byte, masked bool, payload []byte) []byte {
	b, mask := []byte{first}, byte(0)
	if masked {
		mask = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, mask|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), uint64(n))
	}
	if masked {
		b = append(b, 1, 2, 3, 4)
	}
	return append(b, payload...)
}

// reading is what all the bytes of one side say when they are read at once.
type reading struct {
	edges  []int // where a frame ends, and the beginning
	closes int   // where the header of the first close frame ends; -1: there is none
}

func readSlowly(b []byte) reading {
	r := reading{edges: []int{0}, closes: -1}
	for at := 0; ; {
		header := bytes.NewReader(b[at:])
		var two [2]byte
		if _, err := header.Read(two[:]); err != nil || header.Len()+2 > len(b)-at {
			return r
		}
		length, rest := uint64(two[1]%128), 0
		if length == 126 {
			rest = 2
		} else if length == 127 {
			rest = 8
		}
		var long [8]byte
		if n, _ := header.Read(long[8-rest:]); n < rest {
			return r
		}
		if rest > 0 {
			length = binary.BigEndian.Uint64(long[:])
		}
		if two[1] >= 128 && header.Len() < 4 {
			return r
		} else if two[1] >= 128 {
			rest += 4
		}
		at += 2 + rest
		if two[0]%16 == 8 && r.closes < 0 {
			r.closes = at
		}
		if uint64(len(b)-at) < length {
			return r
		}
		at += int(length)
		r.edges = append(r.edges, at)
	}
}

// follow feeds b in pieces, and compares with the slow reading after each of them.
func follow(t *testing.T, b []byte, pieces []int) {
	t.Helper()
	want, at := readSlowly(b), 0
	var f frames
	for _, n := range append(pieces, len(b)) {
		n = min(n, len(b)-at)
		toEdge := f // on a copy: how far the frame under way goes
		got := toEdge.toEdge(b[at : at+n])
		if stop := nextEdge(want.edges, at, at+n); got != stop-at {
			t.Fatalf("from %d on, of %d bytes, %d belong to the frame under way, want %d", at, n, got, stop-at)
		}
		f.skip(b[at : at+n])
		at += n
		if got, want := f.edge(), slices.Contains(want.edges, at); got != want {
			t.Fatalf("after %d of %d bytes: edge %v, want %v", at, len(b), got, want)
		}
		if got, want := f.closed, want.closes >= 0 && want.closes <= at; got != want {
			t.Fatalf("after %d of %d bytes: closed %v, want %v", at, len(b), got, want)
		}
	}
}

// nextEdge is the edge at or after from, or limit when it comes first.
func nextEdge(edges []int, from, limit int) int {
	i, _ := slices.BinarySearch(edges, from)
	if i == len(edges) || edges[i] > limit {
		return limit
	}
	return edges[i]
}

func TestFramesEndWhereTheyShould(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bytes  []byte
		edge   bool
		closed bool
	}{
		"ok/nothing":                  {nil, true, false},
		"ok/empty":                    {aFrame(0x81, false, nil), true, false},
		"ok/short":                    {aFrame(0x81, false, make([]byte, 125)), true, false},
		"ok/two bytes of length":      {aFrame(0x82, false, make([]byte, 126)), true, false},
		"ok/65535":                    {aFrame(0x82, false, make([]byte, 65535)), true, false},
		"ok/eight bytes of length":    {aFrame(0x82, false, make([]byte, 65536)), true, false},
		"ok/masked":                   {aFrame(0x82, true, []byte("abc")), true, false},
		"ok/masked and empty":         {aFrame(0x82, true, nil), true, false},
		"ok/length in too many bytes": {[]byte{0x82, 126, 0, 1, 'a'}, true, false},
		"ok/close":                    {Revoked.goodbye(), true, true},
		"ok/data looks like close":    {aFrame(0x82, false, []byte{0x88, 0}), true, false},
		"open/one byte":               {[]byte{0x81}, false, false},
		"open/half a length":          {[]byte{0x82, 127, 0, 0, 0}, false, false},
		"open/half a mask":            {[]byte{0x82, 0x80, 1, 2, 3}, false, false},
		"open/no payload":             {[]byte{0x82, 1}, false, false},
		"open/never ends":             {[]byte{0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255, 'a'}, false, false},
		"open/close begun":            {[]byte{0x88, 2, 3}, false, true},
		"open/close not begun":        {[]byte{0x88}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f frames
			f.skip(c.bytes)
			if f.edge() != c.edge || f.closed != c.closed {
				t.Errorf("edge %v, closed %v", f.edge(), f.closed)
			}
			follow(t, c.bytes, nil)
		})
	}
}

// TestPiecesDoNotMatter: whatever the frames, and whatever they are cut into, the edges are the same.
func TestPiecesDoNotMatter(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	lengths := []int{0, 1, 2, 125, 126, 127, 300, 65535, 65536}
	for range 300 {
		var b []byte
		for range 1 + random.IntN(6) {
			payload := bytes.Repeat([]byte{byte(random.Uint32())}, lengths[random.IntN(len(lengths))])
			b = append(b, aFrame(byte(random.Uint32()), random.IntN(2) == 0, payload)...)
		}
		b = b[:len(b)-random.IntN(min(3, len(b)))]
		largest := []int{1, 3, 20, 1000, 100_000}[random.IntN(5)]
		var pieces []int
		for left := len(b); left > 0 && len(pieces) < 20_000; {
			n := random.IntN(largest + 1)
			pieces = append(pieces, n)
			left -= n
		}
		follow(t, b, pieces)
	}
}

// FuzzFrames follows any bytes in any pieces, and compares with a parser that has them all at once.
func FuzzFrames(f *testing.F) {
	f.Add(aFrame(0x81, false, []byte("hello")), []byte{1, 2})
	f.Fuzz(func(t *testing.T, b, sizes []byte) {
		pieces := make([]int, len(sizes))
		for i, n := range sizes {
			pieces[i] = int(n)
		}
		follow(t, b, pieces)
	})
}
