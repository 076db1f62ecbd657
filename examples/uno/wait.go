package uno

import "time"

// Tolerance is by how much a pulse width, in microseconds, may differ from what was asked for. A degree is 10.3.
const Tolerance = 16

// WidthAt is the width of the pulses, in microseconds, by which Arduino's Servo library turns a servo to angle, in degrees.
func WidthAt(angle int) int { return 544 + angle*(2400-544)/180 }

// Settled waits until the pulses on pin are width microseconds wide, within Tolerance. If they do not become so, the test
// fails.
func (u *Uno) Settled(pin, width int) {
	u.t.Helper()
	u.await(pin, "width", func(r reading) bool { return max(r.Width-width, width-r.Width) <= Tolerance }, width)
}

// Dimmed waits until the duty of pin is duty, 0 to 255. If it does not become so, the test fails.
func (u *Uno) Dimmed(pin, duty int) {
	u.t.Helper()
	u.await(pin, "duty", func(r reading) bool { return r.Mode != "input" && max(r.Duty-duty, duty-r.Duty) <= 1 }, duty)
}

// Lit waits until pin is an output that is at 5 V, or at ground. If it does not become so, the test fails.
func (u *Uno) Lit(pin int, on bool) {
	u.t.Helper()
	u.await(pin, "high", func(r reading) bool { return r.Mode == "output" && r.High == on }, on)
}

// Rest waits for ten more pulses on pin, a fifth of a second of the board's own time. Whatever the board was told before is
// done by then, so that afterwards Moves can tell that a servo did not move.
func (u *Uno) Rest(pin int) {
	u.t.Helper()
	pulses := u.read(pin).Pulses + 10
	u.await(pin, "pulses", func(r reading) bool { return r.Pulses >= pulses }, pulses)
}

func (u *Uno) await(pin int, name string, is func(reading) bool, want any) {
	u.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(30 * time.Millisecond) {
		r := u.read(pin)
		if is(r) {
			return
		}
		if time.Now().After(deadline) {
			u.t.Errorf("pin %d: %s %v is wanted, it is %+v", pin, name, want, r)
			return
		}
	}
}
