package command

import (
	"bytes"
	"fmt"
	"io"

	"github.com/mdp/qrterminal/v3"
)

// Cameras want light around a code, four modules of it by the standard. Two are enough beside the dark of a terminal, and leave
// room on a small one.
const quietZone = 2

// White on black, whatever the terminal's own colours are: in black on white the code would stand in the negative, which some
// cameras do not read.
const (
	whiteOnBlack = "\x1b[38;5;231;48;5;16m"
	ownColours   = "\x1b[0m"
)

// DrawQRCode draws text as a QR code, in the colours that cameras read where w is a terminal.
func DrawQRCode(w io.Writer, text string) error { return drawQRCode(w, text, isTerminal(w)) }

// drawQRCode draws text in half blocks: two modules a character.
func drawQRCode(w io.Writer, text string, colours bool) error {
	var code bytes.Buffer
	qrterminal.GenerateWithConfig(text, qrterminal.Config{
		Level: qrterminal.L, Writer: &code, HalfBlocks: true, QuietZone: quietZone,
		BlackChar: qrterminal.BLACK_BLACK, WhiteChar: qrterminal.WHITE_WHITE,
		WhiteBlackChar: qrterminal.WHITE_BLACK, BlackWhiteChar: qrterminal.BLACK_WHITE,
	})
	before, after := "", ""
	if colours {
		before, after = whiteOnBlack, ownColours
	}
	for line := range bytes.Lines(code.Bytes()) {
		if _, err := fmt.Fprintf(w, "%s%s%s\n", before, bytes.TrimSuffix(line, []byte("\n")), after); err != nil {
			return err
		}
	}
	return nil
}
