package stream

import "bytes"

// script is what a bot does on one WebSocket.
type script struct {
	bytes  []byte // its frames, each complete
	pieces []int  // how many bytes each Write takes
	cutAt  int    // the piece before which the stream is cut
	beside bool   // the cut comes beside that piece, not before it
	stalls bool   // nothing is written after that piece
}

// lengths are those around which a frame's header changes.
var lengths = []int{0, 1, 125, 126, 127, 65535, 65536, 66000}

// readScript makes a script of any bytes: one byte of plan a message, one byte of chop a piece.
func readScript(plan, chop []byte, at uint8, manner uint8) script {
	s := script{cutAt: int(at), beside: manner&1 != 0, stalls: manner&2 != 0}
	for i, b := range plan[:min(len(plan), 6)] {
		payload := bytes.Repeat([]byte{'a' + byte(i)}, lengths[b%8])
		opcode := 1 + b>>3&1
		switch b >> 4 & 7 {
		case 0, 1, 2: // a message in one frame
			s.bytes = append(s.bytes, aFrame(0x80|opcode, false, payload)...)
		case 3: // in two, the second empty
			s.bytes = append(append(s.bytes, aFrame(opcode, false, payload)...), aFrame(0x80, false, nil)...)
		case 4: // in three, with a ping in between
			s.bytes = append(append(s.bytes, aFrame(opcode, false, payload)...), aFrame(0, false, payload)...)
			s.bytes = append(append(s.bytes, aFrame(0x89, false, []byte("ping"))...), aFrame(0x80, false, []byte("z"))...)
		case 5:
			s.bytes = append(s.bytes, aFrame(0x89, false, payload[:min(len(payload), 125)])...)
		case 6:
			s.bytes = append(s.bytes, aFrame(0x8a, false, payload[:min(len(payload), 125)])...)
		case 7: // the bot says goodbye itself
			s.bytes = append(s.bytes, aFrame(0x88, false, []byte{0x03, 0xe8})...)
			i = len(plan)
		}
		if i == len(plan) {
			break
		}
	}
	left := len(s.bytes)
	for _, c := range chop[:min(len(chop), 200)] {
		if left == 0 {
			break
		}
		n := int(c)
		if n >= 200 {
			n = (n - 199) * 1500
		}
		n = min(n, left)
		s.pieces, left = append(s.pieces, n), left-n
	}
	if left > 0 {
		s.pieces = append(s.pieces, left)
	}
	s.cutAt %= len(s.pieces) + 1
	return s
}
