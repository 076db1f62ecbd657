package botapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"gobot.io/x/gobot/v2"
)

// PinLeft and PinRight are the pins of the rover's motors, continuous servos.
const (
	PinLeft  = "8"
	PinRight = "10"
)

// AngleStopped is the angle at which a continuous servo stands still; 0 and 180 are full speed either way.
const AngleStopped = 90

// rover is two motors and whoever drives. At rest it stands. It is safe for concurrent use.
type rover struct {
	left, right *servo
	limit       time.Duration // how long the motors turn without a word from the driver

	mu     sync.Mutex // above those of the motors
	driver *driver
}

// driver is whoever drives, for as long as it does.
type driver struct {
	replies queue
	end     context.CancelFunc
	heard   int         // messages
	silence *time.Timer // stops the motors; nil until the first message
}

// speeds are both motors as clients see them, in percent; both at 100 is full speed ahead.
type speeds struct {
	Left  int `json:"left"`
	Right int `json:"right"`
}

func newRover(board Board) *rover {
	return &rover{
		left:  newServo(board, "left", PinLeft, 0, 180, AngleStopped),
		right: newServo(board, "right", PinRight, 0, 180, AngleStopped),
		limit: 2 * time.Second,
	}
}

func (r *rover) devices() []gobot.Device { return []gobot.Device{r.left, r.right} }

// seat makes a driver, unless there is one. It drives until ctx ends, which it does when somebody stops the rover.
func (r *rover) seat(ctx context.Context) (*driver, context.Context, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.driver != nil {
		return nil, nil, newProblem(http.StatusConflict, "somebody drives already")
	}
	d := &driver{replies: newQueue()}
	ctx, d.end = context.WithCancel(ctx)
	r.driver = d
	return d, ctx, nil
}

// drive sets the motors and what must happen if the driver falls silent, and replies with the new speeds. If one motor
// fails it stops both.
func (r *rover) drive(d *driver, s speeds) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.driver != d {
		return newProblem(http.StatusConflict, "the rover was stopped")
	}
	r.watch(d)
	_, err := r.left.move(AngleStopped + angle(s.Left))
	if err == nil {
		_, err = r.right.move(AngleStopped - angle(s.Right)) // it looks the other way
	}
	if err != nil {
		return errors.Join(err, r.halt())
	}
	d.reply(s)
	return nil
}

// watch asks for r.mu. It begins the driver's time anew.
func (r *rover) watch(d *driver) {
	d.heard++
	heard := d.heard
	if d.silence != nil {
		d.silence.Stop()
	}
	d.silence = time.AfterFunc(r.limit, func() { r.miss(d, heard) })
}

// miss is the dead man's switch: it stops the motors if nothing was heard since, again and again if the board fails.
func (r *rover) miss(d *driver, heard int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.driver != d || d.heard != heard { // a message came while the timer fired
		return
	}
	if err := r.halt(); err != nil {
		slog.Error("silent driver not stopped", "error", err)
		r.watch(d)
		return
	}
	d.reply(speeds{})
}

// leave ends d's driving and stops the motors, if d still drives.
func (r *rover) leave(d *driver) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.driver == d {
		_ = r.release() // it has been logged
	}
}

// stop stops the motors and ends whoever drives, whose next message would start them again.
func (r *rover) stop() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.release()
}

// release asks for r.mu. Nobody drives afterwards. If the board does not stop the motors it is told so again later, unless
// somebody drives then, or the robot sleeps.
func (r *rover) release() error {
	if d := r.driver; d != nil {
		r.driver = nil
		d.end()
		if d.silence != nil {
			d.silence.Stop()
		}
	}
	err := r.halt()
	if err == nil || errors.Is(err, errAsleep) {
		return err
	}
	slog.Error("rover not stopped", "error", err)
	time.AfterFunc(r.limit, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.driver == nil {
			_ = r.release()
		}
	})
	return err
}

// halt stops one motor even if the other fails.
func (r *rover) halt() error {
	_, left := r.left.move(AngleStopped)
	_, right := r.right.move(AngleStopped)
	return errors.Join(left, right)
}

func (d *driver) reply(v any) {
	text, err := json.Marshal(v)
	if err != nil { // none of the types here can fail
		panic(err)
	}
	d.replies.put(text)
}

// angle is how far from AngleStopped a speed is, in degrees.
func angle(percent int) int { return percent * 90 / 100 }
