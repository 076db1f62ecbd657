package browser_test

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/botlatch/botlatch/botapi"
)

// Where the motors are at half speed, with which the pad begins; the right one looks the other way.
var (
	standing = [2]int{botapi.AngleStopped, botapi.AngleStopped}
	ahead    = [2]int{botapi.AngleStopped + 45, botapi.AngleStopped - 45}
	back     = [2]int{botapi.AngleStopped - 45, botapi.AngleStopped + 45}
	toRight  = [2]int{botapi.AngleStopped + 45, botapi.AngleStopped + 45}
)

func (s *stage) drives(t *testing.T, how string, motors [2]int) {
	t.Helper()
	soon(t, how, func() bool { return s.motors() == motors })
}

func TestDrivesByKeyboardWhileAKeyIsHeld(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	b.focus("pad")
	b.key(down, "ArrowUp")
	s.drives(t, "ahead", ahead)
	b.says("#left", "50")
	time.Sleep(2500 * time.Millisecond) // longer than the robot waits for the next word
	if s.motors() != ahead {
		t.Errorf("it is held, and the motors are at %v", s.motors())
	}
	b.key(up, "ArrowUp")
	s.drives(t, "standing", standing)
	b.key(down, "ArrowRight")
	s.drives(t, "to the right", toRight)
	b.key(up, "ArrowRight")
	s.drives(t, "standing", standing)
	if s.asked("GET /api/drive") != 1 {
		t.Errorf("the helm was taken %d times", s.asked("GET /api/drive"))
	}
	b.key(down, "ArrowDown")
	s.drives(t, "back", back)
	b.do(chromedp.KeyEvent(kb.Tab)) // the keys go elsewhere
	s.drives(t, "standing", standing)
	b.wantQuiet()
}

func TestDrivesByPointerWhileItIsDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	x, y := b.spot("#pad", .5, 0)
	press := func(kind input.DispatchMouseEventType, y float64) {
		b.do(chromedp.MouseEvent(kind, x, y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	}
	press(chromedp.MousePressed, y+1)
	s.drives(t, "ahead", ahead)
	_, bottom := b.spot("#pad", .5, 1)
	press(chromedp.MouseMoved, bottom+40) // beyond the pad, which is as far as it goes
	s.drives(t, "back", back)
	press(chromedp.MouseReleased, bottom+40)
	s.drives(t, "standing", standing)
	b.wantQuiet()
}

func TestDrivesByFinger(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	x, y := b.spot("#pad", .5, .004)
	_, bottom := b.spot("#pad", .5, .996)
	for _, end := range []input.DispatchTouchEventType{input.DispatchTouchEventTypeTouchEnd, input.DispatchTouchEventTypeTouchCancel} {
		before := b.script("scrollY")
		b.touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: x, Y: y})
		s.drives(t, "ahead", ahead)
		for i := range 10 {
			b.touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: x, Y: y + (bottom-y)*float64(i+1)/10})
		}
		s.drives(t, "back", back)
		if after := b.script("scrollY"); after != before {
			t.Errorf("the page moved from %s to %s under the finger", before, after)
		}
		b.touch(end)
		s.drives(t, "standing", standing)
	}
	b.wantQuiet()
}

func TestStopsWhenNobodyCanBeSeenToHold(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	for name, act := range map[string]string{
		"ok/another window": `window.dispatchEvent(new Event("blur"))`,
		"ok/hidden": `(() => { Object.defineProperty(document, "hidden", { value: true, configurable: true })
			document.dispatchEvent(new Event("visibilitychange")); delete document.hidden })()`,
		"ok/left": `window.dispatchEvent(new PageTransitionEvent("pagehide"))`,
	} {
		b.focus("pad")
		b.key(down, "ArrowUp")
		s.drives(t, name+": ahead", ahead)
		b.script(act)
		began := time.Now()
		s.drives(t, name+": standing", standing)
		if took := time.Since(began); took > 1500*time.Millisecond {
			t.Errorf("%s: it took %s: that was the robot's own patience", name, took)
		}
		b.key(up, "ArrowUp")
	}
	b.wantQuiet()
}

func TestStopStopsWhoeverDrives(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a := browse(t, s.URL)
	b := a.another(s.URL)
	a.ready()
	b.ready()
	a.focus("pad")
	a.key(down, "ArrowUp")
	s.drives(t, "ahead", ahead)
	b.click("#stop")
	s.drives(t, "standing", standing)
	b.says("#status", "The rover is stopped.")
	a.says("#drive .note", "Disconnected: the rover was stopped")

	for range 10 { // The key is still down. To drive on is a new decision.
		a.keyAgain("ArrowUp")
		time.Sleep(50 * time.Millisecond)
	}
	if s.motors() != standing || s.asked("GET /api/drive") != 1 {
		t.Errorf("motors at %v, the helm was taken %d times", s.motors(), s.asked("GET /api/drive"))
	}
	a.key(up, "ArrowUp")
	a.key(down, "ArrowUp")
	s.drives(t, "ahead again", ahead)
	a.becomes("document.querySelector('#drive .note').hidden", "true")
	a.do(chromedp.KeyEvent(kb.Escape)) // its driver can stop it with one key, too
	s.drives(t, "standing", standing)
	soon(t, "two stops", func() bool { return s.asked("POST /api/drive/stop") == 2 })
	a.wantQuiet()
	b.wantQuiet()
}

func TestSaysThatSomebodyElseDrives(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a := browse(t, s.URL)
	b := a.another(s.URL)
	a.ready()
	b.ready()
	a.focus("pad")
	a.key(down, "ArrowUp")
	s.drives(t, "ahead", ahead)
	b.focus("pad")
	b.key(down, "ArrowDown")
	b.says("#drive .note", "The helm is not free. Perhaps somebody else drives.")
	b.key(up, "ArrowDown")
	if s.motors() != ahead {
		t.Errorf("motors at %v", s.motors())
	}
	a.key(up, "ArrowUp")
	soon(t, "the helm given back, a while after", func() bool { // ten seconds are enough
		b.key(down, "ArrowDown")
		defer b.key(up, "ArrowDown")
		time.Sleep(500 * time.Millisecond)
		return s.motors() == back
	})
	s.drives(t, "standing", standing)
}
