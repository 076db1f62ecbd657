package browser_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/botlatch/botlatch/botapi"
)

func TestTheDoorMovesByClickAndByKeyboard(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	b.says("#door-state", "Locked")
	for _, step := range []struct {
		how   string
		act   func()
		says  string
		angle int
	}{
		{"click", func() { b.click("#unlock") }, "Unlocked", botapi.AngleUnlocked},
		{"Enter", func() { b.focus("lock"); b.do(chromedp.KeyEvent(kb.Enter)) }, "Locked", botapi.AngleLocked},
		{"Space", func() { b.focus("unlock"); b.do(chromedp.KeyEvent(" ")) }, "Unlocked", botapi.AngleUnlocked},
		{"click", func() { b.click("#lock") }, "Locked", botapi.AngleLocked},
	} {
		step.act()
		b.says("#door-state", step.says)
		if angle := s.board.Servo(botapi.PinDoor); angle != step.angle {
			t.Errorf("%s: the door is at %d, not at %d", step.how, angle, step.angle)
		}
	}
	if moves := s.asked("POST /api/door/unlock") + s.asked("POST /api/door/lock"); moves != 4 {
		t.Errorf("%d moves, not 4", moves)
	}
	b.wantQuiet()
}

func TestTheArmMovesAsFarAsItsJointsDo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	for _, c := range []struct {
		joint, key, pin string
		angle           int
	}{
		{"base", kb.ArrowRight, botapi.PinBase, 91},
		{"base", kb.ArrowLeft, botapi.PinBase, 90},
		{"base", kb.Home, botapi.PinBase, 0},
		{"shoulder", kb.End, botapi.PinShoulder, 165},
		{"grip", kb.End, botapi.PinGrip, 120},
		{"grip", kb.Home, botapi.PinGrip, 20},
	} {
		b.focus("joint-" + c.joint)
		b.do(chromedp.KeyEvent(c.key))
		soon(t, fmt.Sprintf("%s at %d", c.joint, c.angle), func() bool { return s.board.Servo(c.pin) == c.angle })
		b.says("label:has(#joint-"+c.joint+") output", fmt.Sprintf("%d°", c.angle))
	}
	x, y := b.spot("#joint-base", .98, .5) // and it is pulled
	fromX, _ := b.spot("#joint-base", .03, .5)
	b.do(chromedp.MouseEvent(chromedp.MousePressed, fromX, y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	for i := range 20 {
		b.do(chromedp.MouseEvent(chromedp.MouseMoved, fromX+(x-fromX)*float64(i+1)/20, y, chromedp.ButtonLeft))
	}
	b.do(chromedp.MouseEvent(chromedp.MouseReleased, x, y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	soon(t, "the base where it was pulled to", func() bool {
		angle := s.board.Servo(botapi.PinBase)
		return angle > 170 && b.script("document.getElementById('joint-base').value") == fmt.Sprint(angle)
	})
	b.wantQuiet()
}

func (s *stage) colour() [3]int {
	return [3]int{s.board.PWM(botapi.PinRed), s.board.PWM(botapi.PinGreen), s.board.PWM(botapi.PinBlue)}
}

func TestTheRoseIsPaintedByWheelByKeysAndExactly(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	is := func(what string, so func(c [3]int) bool) {
		t.Helper()
		soon(t, what, func() bool { return so(s.colour()) })
	}
	b.focus("hue")
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	is("white, for a rose that was dark is lit", func(c [3]int) bool { return c == [3]int{255, 255, 255} })
	b.focus("saturation")
	b.do(chromedp.KeyEvent(kb.End))
	is("red", func(c [3]int) bool { return c[0] == 255 && c[1] < 10 && c[2] == 0 })
	b.focus("brightness")
	b.do(chromedp.KeyEvent(kb.Home))
	is("dark", func(c [3]int) bool { return c == [3]int{} })

	x, y := b.spot("#wheel", .1, .72) // to the left and a little down: blue
	b.do(chromedp.MouseClickXY(x, y))
	is("blue", func(c [3]int) bool { return c[2] == 255 && c[0] < 80 && c[1] < 80 })

	b.script(`(() => { const e = document.getElementById("colour"); e.value = "#0a64c8"; e.dispatchEvent(new Event("input")) })()`)
	is("the exact colour", func(c [3]int) bool { return c == [3]int{10, 100, 200} })
	b.says("label:has(#brightness) output", "78 %")
	b.click("#dark")
	is("dark again", func(c [3]int) bool { return c == [3]int{} })
	b.becomes("document.getElementById('colour').value", "#000000")
	b.wantQuiet()
}

func TestTheTemperatureIsALiveLine(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browse(t, s.URL)
	b.ready()
	b.says("#celsius", "21.5 °C")
	points := func() (n int) {
		_, _ = fmt.Sscan(b.script("document.getElementById('readings').points.length"), &n)
		return n
	}
	before := points()
	s.board.SetAnalog(botapi.PinThermometer, 166)
	b.says("#celsius", "31.0 °C")
	soon(t, "a line that grows", func() bool { return points() >= before+2 })
	b.becomes("document.getElementById('warmest').textContent", "31.0°")
	b.becomes("document.getElementById('coldest').textContent", "21.5°")
	b.wantQuiet()
}

// TestWhatHappenedSinceCounts lets answers come after the events that tell of later moves.
func TestWhatHappenedSinceCounts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.delay("GET /api/door", 2*time.Second)
	b := browse(t, s.URL)
	b.ready()
	b.click("#unlock")
	b.says("#door-state", "Unlocked")
	time.Sleep(3 * time.Second)
	if state := b.text("#door-state"); state != "Unlocked" {
		t.Errorf("an answer from before the move came after it, and the page says %s", state)
	}

	s.delay("PUT /api/arm/joints/base", time.Second)
	b.focus("joint-base")
	b.do(chromedp.KeyEvent(kb.Home))
	soon(t, "the base at 0", func() bool { return s.board.Servo(botapi.PinBase) == 0 })
	s.put(t, "/api/arm/joints/base", `{"angle":77}`) // somebody else, before this page has its answer
	time.Sleep(2 * time.Second)
	if at := b.script("document.getElementById('joint-base').value"); at != "77" {
		t.Errorf("the base is at 77, and the page says %s", at)
	}
	b.wantQuiet()
}

func TestTwoPagesAgree(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a := browse(t, s.URL)
	b := a.another(s.URL)
	a.ready()
	b.ready()
	a.click("#unlock")
	b.says("#door-state", "Unlocked")
	b.says("#status", "The door is unlocked.")
	b.focus("joint-shoulder")
	b.do(chromedp.KeyEvent(kb.Home))
	a.becomes("document.getElementById('joint-shoulder').value", "15")
	a.focus("brightness")
	a.do(chromedp.KeyEvent(kb.End))
	b.becomes("document.getElementById('colour').value", "#ffffff")
	b.click("#lock")
	a.says("#door-state", "Locked")

	// Both pull the same slider at once, a up and b down.
	for _, c := range []struct {
		tab        *tab
		start, way int
	}{{a, 20, 3}, {b, 160, -3}} {
		c.tab.script(fmt.Sprintf(`(() => {
			const slider = document.getElementById("joint-base")
			window.pulled = (async () => {
				for (let i = 0; i < 40; i++) {
					slider.value = %d + i * %d
					slider.dispatchEvent(new Event("input"))
					await new Promise((done) => setTimeout(done, 15))
				}
			})()
		})()`, c.start, c.way))
	}
	a.script("window.pulled")
	b.script("window.pulled")
	soon(t, "both show where the base is", func() bool {
		at := fmt.Sprint(s.board.Servo(botapi.PinBase))
		const shown = "document.getElementById('joint-base').value"
		return a.script(shown) == at && b.script(shown) == at
	})
	a.wantQuiet()
	b.wantQuiet()
}
