package botapi

import (
	"errors"
	"fmt"
	"sync"

	"gobot.io/x/gobot/v2"
	"gobot.io/x/gobot/v2/drivers/gpio"
)

// errAsleep is what a move meets while the robot does not run.
var errAsleep = errors.New("the robot is not running")

// servo is a Gobot servo that keeps to a range and comes to rest when the robot starts and stops. It is safe for
// concurrent use, which the driver in it is not.
type servo struct {
	*gpio.ServoDriver

	low, high int // degrees, both reachable
	rest      int // degrees

	moved func(angle int) // told about every change, in order; it must not block. May be nil.

	mu    sync.Mutex
	awake bool
	angle int // degrees; the last one the board accepted
}

func newServo(board Board, name, pin string, low, high, rest int) *servo {
	return &servo{
		ServoDriver: gpio.NewServoDriver(board, pin, gpio.WithName(name)),
		low:         low, high: high, rest: rest, angle: rest,
	}
}

// Start wakes the servo at its rest.
func (s *servo) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ServoDriver.Start(); err != nil {
		return err
	}
	if err := s.write(s.rest); err != nil {
		return err
	}
	s.awake = true
	return nil
}

// Halt moves the servo to rest, if it is awake, and lets nobody move it afterwards, whether it got there or not.
func (s *servo) Halt() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.awake {
		s.awake = false
		err = s.write(s.rest)
	}
	return errors.Join(err, s.ServoDriver.Halt())
}

// move turns the servo and returns where it is then. An error means that it is where it was.
func (s *servo) move(angle int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.awake {
		return s.angle, errAsleep
	}
	err := s.write(angle)
	return s.angle, err
}

// position is the last angle the board accepted, in degrees.
func (s *servo) position() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.angle
}

// write asks for s.mu. The driver's own Angle is of no use: it changes even when the board refuses.
func (s *servo) write(angle int) error {
	if angle < s.low || angle > s.high {
		return fmt.Errorf("servo %s: %d is not from %d to %d degrees", s.Name(), angle, s.low, s.high)
	}
	if err := s.Move(byte(angle)); err != nil { //nolint:gosec // low and high fit into a byte
		return fmt.Errorf("servo %s: %w", s.Name(), err)
	}
	if s.angle != angle {
		s.angle = angle
		if s.moved != nil {
			s.moved(angle)
		}
	}
	return nil
}

// Interface guards
var _ gobot.Device = (*servo)(nil)
