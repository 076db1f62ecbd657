package command

import (
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// ScanQRCode is what a camera reads in the lines of text that are drawn in half blocks. It knows nothing of who drew it.
func ScanQRCode(text string) (string, error) {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && strings.Trim(line, " ▀▄█") == "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return "", errors.New("no code is drawn there")
	}
	const module = 8 // pixels
	screen := image.NewGray(image.Rect(0, 0, module*utf8.RuneCountInString(lines[0]), 2*module*len(lines)))
	for y, line := range lines {
		for x, r := range []rune(line) {
			paint(screen, x*module, 2*y*module, module, r == '▀' || r == '█')
			paint(screen, x*module, (2*y+1)*module, module, r == '▄' || r == '█')
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(screen)
	if err != nil {
		return "", err
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		return "", err
	}
	return read.GetText(), nil
}

func paint(screen *image.Gray, left, top, size int, white bool) {
	if !white {
		return
	}
	for y := top; y < top+size; y++ {
		for x := left; x < left+size; x++ {
			screen.SetGray(x, y, color.Gray{Y: 255})
		}
	}
}

func TestACameraReadsTheLink(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"ok/home":      "https://lock.home.arpa/.botlatch/in#AAECAwQFBgcICQoLDA0ODw",
		"ok/with port": "https://localhost:45123/.botlatch/in#__________________-_-w",
		"ok/long name": "https://" + strings.Repeat("a-very-long-label.", 10) + "example.com:8443/.botlatch/in#zzzzzzzzzzzzzzzzzzzzzz",
	} {
		var plain, coloured strings.Builder
		if err := errors.Join(drawQRCode(&plain, text, false), drawQRCode(&coloured, text, true)); err != nil {
			t.Fatal(err)
		}
		if got, err := ScanQRCode(plain.String()); err != nil || got != text {
			t.Errorf("%s: read %q, %v", name, got, err)
		}
		inColours := strings.ReplaceAll(plain.String(), "\n", ownColours+"\n"+whiteOnBlack)
		if got := coloured.String() + whiteOnBlack; got != whiteOnBlack+inColours {
			t.Errorf("%s: each line is to be white on black, and nothing else: %q", name, got)
		}
	}
}

func TestTheCodeOfAShortLinkFitsASmallTerminal(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := drawQRCode(&b, "https://lock.home.arpa/.botlatch/in#AAECAwQFBgcICQoLDA0ODw", false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if width := utf8.RuneCountInString(lines[0]); width != 37 || len(lines) != 19 {
		t.Errorf("%d × %d characters, want 37 × 19", width, len(lines))
	}
	for i, line := range lines {
		if utf8.RuneCountInString(line) != 37 || !strings.HasPrefix(line, "██") && i < 18 || !strings.HasSuffix(line, "██") && i < 18 {
			t.Errorf("line %d has no light margin: %q", i, line)
		}
	}
	if strings.Trim(lines[0], "█") != "" || strings.Trim(lines[18], "▀") != "" {
		t.Errorf("no light margin above or below: %q, %q", lines[0], lines[18])
	}
}
