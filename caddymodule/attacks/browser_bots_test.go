package attacks_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/examples/uno/npm"
)

// pages is the Node program of these tests: a bot that speaks socket.io, and axe-core.
var pages = npm.Program{Source: os.DirFS("npm")}

// startSocketBot starts a bot whose page drives it over socket.io.
func startSocketBot(t *testing.T) *program {
	t.Helper()
	command := exec.CommandContext(t.Context(), "node", "bot.js")
	command.Dir = pages.Install(t)
	command.Stderr = os.Stderr
	return startProgram(t, command)
}

// signOutElsewhere signs out in another tab.
func (s *browserStage) signOutElsewhere(b *tab) {
	b.t.Helper()
	other := b.another()
	other.open(s.origin + "/.botlatch/")
	other.press("form button")
	other.becomes("document.title", "You are signed out")
	other.close()
}

const state = `document.getElementById("state").textContent`

func TestASocketIOPageWorksUntilSignOut(t *testing.T) {
	t.Parallel()
	bot := startSocketBot(t)
	s := newBrowserStage(t, before(bot.address, `
		allow GET / any_token
		allow GET,POST,WS /socket.io/ scope act
		allow GET /socket.io/socket.io.js any_token
`))
	moves := 0
	for _, transport := range []string{"websocket", "polling"} {
		b := s.signedIn(t, "act")
		b.script(`{location = "/?` + transport + `"; return ""}`)
		b.becomes(state, "connected")
		b.press("#go")
		b.press("#go")
		moves += 2
		b.becomes(state, fmt.Sprint("moved ", moves))
		bot.take(t)
		s.signOutElsewhere(b)
		b.becomes(state, "refused")
		b.press("#go")
		if lines := bot.take(t); len(lines) > 0 {
			t.Errorf("%s: signed out, and the bot did %v", transport, lines)
		}
	}
}

// camera is a bot that shows what it sees, as MJPEG.
type camera struct {
	*httptest.Server

	watched atomic.Int32 // by how many
}

func startCamera(t *testing.T) *camera {
	t.Helper()
	c, picture := new(camera), image.NewGray(image.Rect(0, 0, 64, 48))
	picture.SetGray(10, 10, color.Gray{Y: 255})
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, picture, nil); err != nil {
		t.Fatal(err)
	}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			w.Header().Set("Content-Type", "text/html")
			_, _ = fmt.Fprint(w, `<!doctype html><title>camera</title><img id="camera" src="/stream">`)
			return
		}
		c.watched.Add(1)
		defer c.watched.Add(-1)
		w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=frame")
		for r.Context().Err() == nil {
			_, _ = fmt.Fprintf(w, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n", encoded.Len(), encoded.Bytes())
			if http.NewResponseController(w).Flush() != nil {
				return
			}
			time.Sleep(30 * time.Millisecond)
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// becomes waits until so many watch.
func (c *camera) becomes(t *testing.T, watched int32) {
	t.Helper()
	for deadline := time.Now().Add(patience); c.watched.Load() != watched; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("watched by %d, not %d", c.watched.Load(), watched)
		}
	}
}

func TestACameraInAnImageIsSeenUntilSignOutOrRevocation(t *testing.T) {
	t.Parallel()
	bot := startCamera(t)
	s := newBrowserStage(t, before(strings.TrimPrefix(bot.URL, "http://"), "allow GET / /stream any_token"))
	b := s.browse(t)
	for _, ends := range []func(){func() { s.signOutElsewhere(b) }, func() { s.revoke(t, "ana") }} {
		s.signIn(t, b, "ana", "act")
		b.becomes(`String(document.getElementById("camera").naturalWidth)`, "64")
		bot.becomes(t, 1)
		ends()
		bot.becomes(t, 0)
		b.script(`new Promise((done) => { const again = new Image(); again.onerror = done; again.src = "/stream?again" })`)
	}
}
