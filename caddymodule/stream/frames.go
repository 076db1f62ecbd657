package stream

import "encoding/binary"

// frames follows the frames of one side of a WebSocket (RFC 6455 §5.2) as their bytes go by, whatever pieces they come
// in. It knows where a frame ends, and nothing of what is in it. The zero value stands before the first frame.
type frames struct {
	header [14]byte
	have   int    // bytes of the header seen; zero: between two frames
	left   uint64 // bytes of the payload to come, once the header is complete
	closed bool   // a close frame has begun: nothing may follow it
}

// edge reports whether a frame has just ended, or none has begun.
func (f *frames) edge() bool { return f.have == 0 }

// toEdge takes bytes of p up to the end of the frame that is under way, or all of them, and returns how many. At an edge
// it takes none.
func (f *frames) toEdge(p []byte) int {
	if f.edge() {
		return 0
	}
	return f.frame(p)
}

// skip takes all of p.
func (f *frames) skip(p []byte) {
	for len(p) > 0 {
		p = p[f.frame(p):]
	}
}

// frame takes bytes of p to the end of one frame, at most, which may begin here.
func (f *frames) frame(p []byte) (taken int) {
	for taken < len(p) && f.have < f.size() {
		f.header[f.have] = p[taken]
		f.have++
		taken++
		if f.have == f.size() {
			f.begin()
		}
	}
	if f.have < f.size() {
		return taken
	}
	n := min(f.left, uint64(len(p)-taken)) //nolint:gosec // not negative
	f.left -= n
	if f.left == 0 {
		f.have = 0
	}
	return taken + int(n) //nolint:gosec // at most len(p)
}

// size is how long the header is, as far as its bytes so far tell: at least the two that every frame has.
func (f *frames) size() int {
	n := 2
	if f.have < n {
		return n
	}
	switch f.header[1] & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if f.header[1]&0x80 != 0 {
		n += 4 // masking key
	}
	return n
}

// begin reads a complete header.
func (f *frames) begin() {
	const opcode, opClose = 0x0f, 0x8
	switch n := f.header[1] & 0x7f; n {
	case 126:
		f.left = uint64(binary.BigEndian.Uint16(f.header[2:]))
	case 127:
		f.left = binary.BigEndian.Uint64(f.header[2:])
	default:
		f.left = uint64(n)
	}
	f.closed = f.closed || f.header[0]&opcode == opClose
}
