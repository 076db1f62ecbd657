package browser_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestSaysWhyAMoveWasRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	const unlock = "POST /api/door/unlock"

	s.refuse("/api/door/unlock", 503)
	b.click("#unlock")
	b.says("#status", "The gate says so.")
	b.becomes("document.getElementById('unlock').disabled", "false")

	s.refuse("/api/door/unlock", 403)
	b.focus("unlock")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.says("#door .note", "Unlock: You may not do this. The gate says so.")
	b.becomes("document.getElementById('unlock').disabled", "true")
	b.becomes("document.activeElement.className", "note") // the focus is where it says why
	b.becomes("document.getElementById('lock').disabled", "false")
	b.click("#unlock") // grey, and not asked for again
	b.click("#lock")
	soon(t, "lock is asked for", func() bool { return s.asked("POST /api/door/lock") == 1 })
	if s.asked(unlock) != 2 {
		t.Errorf("%s was asked for %d times, not 2", unlock, s.asked(unlock))
	}

	s.refuse("/api/arm/joints/grip", 403)
	b.focus("joint-grip")
	b.do(chromedp.KeyEvent(kb.End))
	b.says("#arm .note", "Grip: You may not do this. The gate says so.")
	b.becomes("document.getElementById('joint-grip').value", "20") // where it is, and not where it was wanted
	b.becomes("document.getElementById('joint-base').disabled", "false")

	s.refuse("/api/rose", 401)
	b.click("#dark")
	b.becomes("document.getElementById('hue').disabled && document.getElementById('colour').disabled", "true")
	b.says("#signed-out p", "You are not signed in here. The gate says so.")
	b.becomes("document.querySelector('#signed-out').hidden", "false")

	s.refuse("/api/drive/stop", 403)
	b.click("#stop")
	b.says("#drive .note", "Stop: You may not do this. The gate says so.")
	b.becomes("document.getElementById('stop').disabled", "false") // the one that must be there when it is needed

	s.refuse("/api/drive", 403)
	b.focus("pad")
	b.key(down, "ArrowUp")
	b.says("#drive .note", "You may not do this. The gate says so.")
	b.key(up, "ArrowUp")
	b.becomes("document.getElementById('pad').getAttribute('aria-disabled')", "true")
	b.wantQuiet("network", "javascript") // the browser's own word on each refusal

	for _, path := range []string{"/api/rose", "/api/door/unlock"} {
		s.refuse(path, 0)
	}
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS("#signed-out a"))); err != nil {
		t.Fatal(err)
	}
	b.ready()
	b.becomes("document.getElementById('unlock').disabled", "false")
}

// TestARevokedTokenIsSaid is what a latch does to a page of whose token is revoked while it drives.
func TestARevokedTokenIsSaid(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	b.focus("pad")
	b.key(down, "ArrowUp")
	s.drives(t, "ahead", ahead)
	s.refuse("", 401)
	s.end()
	s.drives(t, "standing", standing)
	b.says("#drive .note", "Disconnected: token revoked")
	b.says("#line", "Disconnected: not signed in")
	b.says("#signed-out p", "You are not signed in here. The gate says so.")
	b.becomes("document.querySelectorAll('main input:enabled, main button:enabled').length", "1")
	// The page asked when it was loaded, when it heard live news, when its drive ended, and when it heard no news any more.
	soon(t, "the door is asked for four times", func() bool { return s.asked("GET /api/door") == 4 })
	before := s.asked("GET /api/events") + s.asked("GET /api/door") + s.asked("GET /api/drive")
	time.Sleep(3 * time.Second)
	if after := s.asked("GET /api/events") + s.asked("GET /api/door") + s.asked("GET /api/drive"); after != before {
		t.Errorf("told that it is not signed in, the page asked %d times more", after-before)
	}
	b.key(up, "ArrowUp")
	b.wantQuiet("network", "javascript")
}

func TestWhoMayNotListenIsToldOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.refuse("/api/events", 403)
	b := browse(t, s.URL)
	b.says("#line", "Not live: you may not see this")
	b.says("#thermometer .note", "You may not see this. The gate says so.")
	b.click("#unlock") // and moves all the same
	b.says("#door-state", "Unlocked")
	time.Sleep(3 * time.Second)
	if s.asked("GET /api/events") != 2 { // the stream, and the look at why it is none
		t.Errorf("asked for events %d times", s.asked("GET /api/events"))
	}
}

func TestComesBackToAStreamThatEndedWithoutHammering(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	s.refuse("/api/events", 503)
	s.end()
	b.says("#status", "The gate says so.")
	before := s.asked("GET /api/events")
	time.Sleep(6 * time.Second) // waits of 1, 2 and 4 seconds, and somewhat more
	if tries := s.asked("GET /api/events") - before; tries > 6 {
		t.Errorf("%d requests in six seconds", tries)
	}
	s.refuse("/api/events", 0)
	b.says("#line", "Live")
	b.says("#status", "Connected again.")
	b.click("#unlock")
	b.says("#door-state", "Unlocked")

	// Streams that are cut as soon as they begin are no reason to hurry either.
	before = s.asked("GET /api/events")
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		s.end()
	}
	if tries := s.asked("GET /api/events") - before; tries > 3 {
		t.Errorf("%d streams in five seconds", tries)
	}
}
