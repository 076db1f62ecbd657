package browser_test

import (
	"context"
	"encoding/json"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focus goes to an element as a keyboard does, with Tab, and fails if that does not lead there.
func (b *tab) focus(id string) {
	b.t.Helper()
	for range 40 {
		if b.script("document.activeElement.id") == id {
			return
		}
		b.do(chromedp.KeyEvent(kb.Tab))
	}
	b.t.Fatalf("Tab does not lead to %s", id)
}

const (
	down = input.DispatchKeyEventTypeRawKeyDown
	up   = input.DispatchKeyEventTypeKeyUp
)

// key sends one half of a press.
func (b *tab) key(kind input.DispatchKeyEventType, key string) {
	b.t.Helper()
	send(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: key, Code: key})
}

// keyAgain sends what a keyboard sends while a key is held.
func (b *tab) keyAgain(key string) {
	b.t.Helper()
	again := true
	send(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: down, Key: key, Code: key, AutoRepeat: &again})
}

// touch sends what a finger does.
func (b *tab) touch(kind input.DispatchTouchEventType, at ...*input.TouchPoint) {
	b.t.Helper()
	send(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: append([]*input.TouchPoint{}, at...)})
}

func send[P any](b *tab, command cdp.Command[P, cdp.Empty], what P) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, what)
		return err
	}))
}

// spot is where on the screen a part of an element is, x and y from 0 to 1. It scrolls there.
func (b *tab) spot(selector string, x, y float64) (float64, float64) {
	b.t.Helper()
	var at struct{ Left, Top, Width, Height float64 }
	box := b.script(`(() => {
		const e = document.querySelector('` + selector + `')
		e.scrollIntoView({ block: "center" })
		const { left, top, width, height } = e.getBoundingClientRect()
		return JSON.stringify({ left, top, width, height })
	})()`)
	if err := json.Unmarshal([]byte(box), &at); err != nil {
		b.t.Fatal(err)
	}
	return at.Left + x*at.Width, at.Top + y*at.Height
}

// click clicks in the middle of an element.
func (b *tab) click(selector string) {
	b.t.Helper()
	x, y := b.spot(selector, .5, .5)
	b.do(chromedp.MouseClickXY(x, y))
}
